"""A row as it stands in its sheet, the mapping of columns, and the one error of sheets."""

import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from models.errors import VitrineError

Cell = str | int | float | bool | list[object] | dict[str, object] | None
Format = Literal["workbook", "csv", "tsv", "jsonl", "parquet"]

COLUMNS = ("name", "description", "model_name", "model_descr")

FORMATS: dict[str, Format] = {
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


class SheetError(VitrineError):
    """A sheet that cannot be read at all; `code` is stable, the message names the file and says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """`row` is 1-based without the header; `values` are the four columns as read; `fault` says why a row is broken.

    `extras` are the columns that were asked for beside the four, "" for one that the sheet does not have.
    """

    file: str
    row: int
    values: tuple[Cell, Cell, Cell, Cell]
    fault: str | None = None
    extras: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The sheet's own names of the four columns; an empty name says that the sheet has no such column.

    `extras`: titles of further columns, read where the sheet has them.
    """

    name: str = "name"
    description: str = "description"
    model_name: str = "model_name"
    model_descr: str = "model_descr"
    extras: tuple[str, ...] = field(default=(), kw_only=True)

    @classmethod
    def parse(cls, text: str) -> "Columns":
        """From `name=Titel,model_descr=Einkäufertext`; raises SheetError `columns_option` for anything else."""
        given: dict[str, str] = {}
        for pair in filter(None, (part.strip() for part in text.split(","))):
            column, equals, title = pair.partition("=")
            if not equals or column.strip() not in COLUMNS:
                known = ", ".join(COLUMNS)
                raise SheetError(
                    "columns_option", f"--columns takes COLUMN=TITLE pairs with the columns {known}; not {pair!r}"
                )
            given[column.strip()] = title.strip()
        return cls(*(given.get(column, column) for column in COLUMNS))

    def titles(self) -> tuple[str, str, str, str]:
        return self.name, self.description, self.model_name, self.model_descr

    def find(self, header: list[str]) -> "tuple[int | None, ...] | None":
        """Position of each column in a header, None for one the sheet is said not to have; None when one is missing.

        The four columns come first, then the extras.
        """
        places = {_plain(title): place for place, title in reversed(list(enumerate(header)))}
        found = tuple(places.get(_plain(title)) if title else None for title in (*self.titles(), *self.extras))
        missing = any(place is None and title for place, title in zip(found, self.titles(), strict=False))
        return None if missing or not any(self.titles()) else found

    def missing(self, header: list[str]) -> list[str]:
        """The wanted titles that a header lacks."""
        there = {_plain(title) for title in header}
        return [title for title in self.titles() if title and _plain(title) not in there]


def _plain(title: str) -> str:
    return unicodedata.normalize("NFC", title).strip().casefold()
