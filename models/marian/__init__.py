"""Marian: encoder-decoder translation, the translator's family."""
