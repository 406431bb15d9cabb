"""The verbs of the command line, one file per group; heavy imports stay inside the verbs."""
