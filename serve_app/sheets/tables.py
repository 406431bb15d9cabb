"""The shape that every format is read into: a header, then numbered rows of any length."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from serve_app.sheets import limits
from serve_app.sheets.rows import Cell, Columns, SheetError


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; `number` is 1-based without the header, `fault` is set for one that cannot be split."""

    number: int
    cells: list[Cell]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`title` names the sheet inside its workbook; `lines` is read once."""

    header: list[str]
    lines: Iterator[Line] = field(default_factory=lambda: iter(()))
    title: str = ""


def chosen(file: str, tables: Iterator[Table], columns: Columns) -> tuple[Table, tuple[int | None, ...]]:
    """The first table that has the columns; raises SheetError that lists what was found instead."""
    seen: list[Table] = []
    for table in tables:
        if len(table.header) > limits.WIDTH:
            raise SheetError("too_wide", f"{file}: {len(table.header)} columns, at most {limits.WIDTH} are read")
        places = columns.find(table.header)
        if places is not None:
            return table, places
        seen.append(table)
    filled = [table for table in seen if any(table.header)]
    if not filled:
        raise SheetError("empty_sheet", f"{file}: the sheet is empty; its first row must name the columns")
    best = min(filled, key=lambda table: len(columns.missing(table.header)))
    missing = ", ".join(repr(title) for title in columns.missing(best.header))
    found = ", ".join(repr(title[: limits.HEADER_CHARACTERS]) for title in best.header[:30])
    raise SheetError(
        "missing_columns",
        f"{file}: no column {missing}; found {found}. Map columns with --columns name=TITLE,...; "
        "--columns model_descr= says that there is none",
    )
