"""Measurements of the whole path from a picture to its verdict, on pictures whose truth is known."""
