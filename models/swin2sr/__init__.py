"""Swin2SR through transformers: the upscaler."""
