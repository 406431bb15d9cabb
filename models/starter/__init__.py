"""The starter pack: tiny trained models of the real architectures, and how they were made."""
