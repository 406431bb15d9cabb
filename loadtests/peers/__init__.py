"""Other ways to serve the same stages, one small file each; all answer POST /draw with the same bodies."""
