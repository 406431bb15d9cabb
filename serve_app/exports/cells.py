"""Values as cells of tables that people open: lists as text, no control characters, nothing that runs as a formula."""

import re
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML, and so xlsx, cannot hold
XLSX_ROWS = 1_048_575  # below the header; a worksheet holds no more
XLSX_CHARACTERS = 32_767  # of a cell; Excel calls a file with a longer one damaged
ATTRIBUTES = (
    "audience", "product_type", "colours", "pattern", "sleeve", "neckline", "fit", "style", "closure", "length",
    "features", "materials",
)  # fmt: skip


def readable(text: str) -> str:
    """The text without characters that no table can hold."""
    return text if text.isprintable() else NOT_TEXT.sub("", text)  # none of them is printable, and most texts are


def defused(text: str) -> str:
    """Readable text that a spreadsheet shows instead of running it."""
    # Characters go first: one that is dropped later would uncover the formula behind it.
    text = readable(text)
    return f"'{text}" if text.startswith(FORMULA) else text


def cell(value: Any) -> str | int | float | None:
    """A value as a spreadsheet takes it."""
    if value is None or isinstance(value, int | float):
        return value
    return defused(value if isinstance(value, str) else ", ".join(as_text(item) for item in value))


def xlsx_cell(value: Any) -> str | int | float | None:
    """A value as a workbook holds it."""
    found = cell(value)
    return found[:XLSX_CHARACTERS] if isinstance(found, str) else found


def as_text(item: Any) -> str:
    """One entry of a list: a colour with its role in words, everything else as it is."""
    return " ".join(str(part) for part in item.values() if part) if isinstance(item, dict) else str(item)
