"""The process that opens an untrusted sheet: limited memory and time, one JSON document per line on stdout.

Started as `python -m serve_app.sheets.child FILE COLUMNS`. Lines are `[row, values, fault]`; the last one is
`{"end": rows}` or `{"code", "message"}`. A process that dies without a last line was stopped by its limits.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from serve_app.limited_child import limit
from serve_app.sheets import limits
from serve_app.sheets.rows import FORMATS, Cell, Columns, SheetError

if TYPE_CHECKING:
    from serve_app.sheets.tables import Line, Table


def main() -> None:
    limit(limits.MEMORY_BYTES, limits.CPU_SECONDS)
    os.environ["POLARS_MAX_THREADS"] = "1"  # each thread reserves address space
    path, (*titles, extras) = Path(sys.argv[1]), json.loads(sys.argv[2])
    columns = Columns(*titles, extras=tuple(extras))
    out = sys.stdout
    try:
        count = 0
        for number, values, fault in rows(path, columns):
            out.write(json.dumps([number, values, fault], ensure_ascii=True, default=str) + "\n")
            count = number
        out.write(json.dumps({"end": count}) + "\n")
    except SheetError as error:
        out.write(json.dumps({"code": error.code, "message": str(error)}) + "\n")
    out.flush()


def rows(path: Path, columns: Columns) -> Iterator[tuple[int, list[Cell], str | None]]:
    """Row number, the four values and the extras, and the fault; blank rows at the end left out."""
    from serve_app.sheets.tables import chosen

    table, places = chosen(path.name, tables(path, columns), columns)
    text, blank = 0, []
    for line in table.lines:
        values = [_cut(_at(line, place)) for place in places]
        text += sum(len(value) for value in values if isinstance(value, str))
        if line.number > limits.ROWS or text > limits.TEXT_CHARACTERS:
            raise SheetError(
                "too_large", f"{path.name}: more than {limits.ROWS} rows or {limits.TEXT_CHARACTERS >> 20} MB of text"
            )
        if line.fault is None and all(value is None or value == "" for value in values):
            blank.append((line.number, values, None))
            continue
        yield from blank
        blank.clear()
        yield line.number, values, line.fault


def tables(path: Path, columns: Columns) -> "Iterator[Table]":
    """The tables of a file by its suffix; the reading libraries are imported here, under the limits."""
    kind = FORMATS[path.suffix.lower()]
    if kind == "workbook":
        from serve_app.sheets import workbook

        yield from workbook.tables(path)
    elif kind == "parquet":
        from serve_app.sheets import parquet

        yield parquet.table(path, columns)
    else:
        from serve_app.sheets import text

        marks = ("\t",) if kind == "tsv" else text.DELIMITERS
        yield text.jsonl_table(path) if kind == "jsonl" else text.csv_table(path, columns, marks)


def _at(line: "Line", place: int | None) -> Cell:
    # A row that cannot be split keeps what it holds in its first column, for the report.
    if line.fault and len(line.cells) == 1:
        place = 0 if place is not None else None
    if place is None or place >= len(line.cells):
        return ""
    value = line.cells[place]
    return "" if value is None else value


def _cut(value: Cell) -> Cell:
    return value[: limits.CELL_CHARACTERS] if isinstance(value, str) else value


if __name__ == "__main__":
    main()
