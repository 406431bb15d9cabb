"""Held-out figures of the starter pack, one module per part: `evaluate(options) -> dict`."""
