"""The campaign of faults: kill -9 of every part under load, and what became of the jobs that were accepted."""
