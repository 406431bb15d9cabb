"""Phi-3: a decoder-only language model under a grammar, the extractor's family."""
