"""Parquet files through polars, a slice of rows at a time."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
from polars.exceptions import PolarsError

from serve_app.sheets import limits
from serve_app.sheets.rows import Cell, Columns, SheetError
from serve_app.sheets.tables import Line, Table

SLICE = 1_000  # rows in memory at a time


def table(path: Path, columns: Columns) -> Table:
    """Only the wanted columns are read; raises SheetError for a damaged file and for too many rows."""
    try:
        frame = pl.scan_parquet(path)
        header = frame.collect_schema().names()
        count = int(frame.select(pl.len()).collect().item())
    except PolarsError as error:
        raise SheetError("damaged", f"{path.name}: not a readable parquet file ({str(error)[:80]})") from None
    if count > limits.ROWS:
        raise SheetError("too_many_rows", f"{path.name}: {count} rows, at most {limits.ROWS} are read; split it")
    places = columns.find(header) or ()
    wanted = list(dict.fromkeys(header[place] for place in places if place is not None))
    return Table(header, _lines(frame, wanted, count, header))


def _lines(frame: pl.LazyFrame, wanted: list[str], count: int, header: list[str]) -> Iterator[Line]:
    for start in range(0, count, SLICE):
        try:
            part = frame.slice(start, SLICE).select(_cut(wanted)).collect()
        except PolarsError as error:
            raise SheetError("damaged", f"row {start + 1} and on cannot be read ({str(error)[:80]})") from None
        for number, found in enumerate(part.iter_rows(named=True), start + 1):
            yield Line(number, [_cell(found.get(title)) for title in header])


def _cut(wanted: list[str]) -> list[pl.Expr]:
    # Cut before rows become Python objects: one long text of a dictionary page can stand for many rows.
    columns = cs.by_name(wanted)
    return [columns - cs.string(), (columns & cs.string()).str.head(limits.CELL_CHARACTERS)]


def _cell(cell: Any) -> Cell:
    if cell is None or isinstance(cell, str | int | float | bool | list | dict):
        return cell
    if isinstance(cell, dt.date | dt.time | dt.datetime):
        return cell.isoformat()
    return str(cell)
