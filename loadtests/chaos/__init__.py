"""The campaign of faults: kill -9 of six parts under load, and what became of the jobs that were accepted."""
