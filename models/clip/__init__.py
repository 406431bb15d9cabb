"""CLIP through open_clip: the scorer, and a token counter that needs no weights."""
