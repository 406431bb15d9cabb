"""Vitrine against other ways to serve the same models, on a CPU with the starter pack."""
