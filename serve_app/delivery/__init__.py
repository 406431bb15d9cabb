"""From a finished picture to a file that a marketplace takes, and the verdict that says so."""
