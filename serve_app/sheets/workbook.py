"""Workbooks (xlsx, xls, ods) through calamine, after a look at the size of what is packed inside."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from serve_app.sheets import limits
from serve_app.sheets.rows import Cell, SheetError
from serve_app.sheets.tables import Line, Table


def tables(path: Path) -> Iterator[Table]:
    """Every worksheet in order; raises SheetError for a bomb, a damaged file and one under a password."""
    if zipfile.is_zipfile(path):
        refuse_bomb(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            yield _table(book, name)
    except PasswordError:
        raise SheetError("encrypted", f"{path.name}: the workbook is under a password; save it without one") from None
    except CalamineError as error:
        raise SheetError("damaged", f"{path.name}: the workbook cannot be read ({error}); save it anew") from None


def refuse_bomb(path: Path) -> None:
    """Raises SheetError when a zipped workbook claims more than the limits allow; nothing is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SheetError("damaged", f"{path.name}: the workbook cannot be unpacked ({error}); save it anew") from None
    if len(parts) > limits.PARTS:
        raise SheetError("too_many_parts", f"{path.name}: {len(parts)} parts, a workbook may have {limits.PARTS}")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.UNPACKED_BYTES:
        raise SheetError(
            "too_large",
            f"{path.name}: {unpacked >> 20} MB unpacked, at most {limits.UNPACKED_BYTES >> 20} MB are read; split it",
        )
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > limits.SMALL_PART_BYTES and ratio > limits.PACKED_RATIO:
            raise SheetError(
                "packed_too_tight", f"{path.name}: {part.filename[:60]!r} unpacks to {ratio:.0f} times its size"
            )


def _table(book: CalamineWorkbook, name: str) -> Table:
    sheet = book.get_sheet_by_name(name)
    if sheet.height > limits.ROWS + 1:
        raise SheetError(
            "too_many_rows", f"sheet {name!r} has {sheet.height} rows, at most {limits.ROWS} are read; split it"
        )
    rows = sheet.iter_rows()
    header = [_title(cell) for cell in next(rows, [])]
    return Table(header, (Line(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)), name)


def _title(cell: Any) -> str:
    return str(_cell(cell)).strip()


def _cell(cell: Any) -> Cell:
    if isinstance(cell, dt.date | dt.time | dt.datetime):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell)
    # Workbooks store every number as a float: 4711.0 stands in the cell as 4711.
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    value: Cell = cell
    return value
