"""Bilingual listings for training: what an article is, and how German listings and their translations say it."""
