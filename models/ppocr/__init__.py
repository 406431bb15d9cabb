"""PP-OCR through transformers: the reader."""
