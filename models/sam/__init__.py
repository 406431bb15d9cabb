"""Segment Anything through transformers: the segmenter."""
