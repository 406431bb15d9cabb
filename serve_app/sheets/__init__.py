"""Sheets of article texts: xlsx, xls, ods, csv, tsv, jsonl and parquet become rows, read as untrusted input."""

from serve_app.sheets.files import find
from serve_app.sheets.reading import read
from serve_app.sheets.rows import COLUMNS, Columns, Row, SheetError

__all__ = ["COLUMNS", "Columns", "Row", "SheetError", "find", "read"]
