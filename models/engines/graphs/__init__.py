"""The modules that engines run, one file per model family: graph and shape profiles."""
