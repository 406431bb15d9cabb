"""Reads a sheet through a child process, so that a hostile file costs that process and not this one."""

import json
from collections.abc import Iterator

from serve_app.limited_child import Child, running
from serve_app.sheets import limits
from serve_app.sheets.files import SheetFile
from serve_app.sheets.rows import Columns, Row, SheetError

LINE_BYTES = 64 * limits.MIB  # a row of nested JSON; four cells of text need at most 0.8 MB
MODULE = "serve_app.sheets.child"


def read(sheet: SheetFile, columns: Columns | None = None) -> Iterator[Row]:
    """Rows in order; raises SheetError when the sheet is unreadable, hostile or lacks a column."""
    size = sheet.path.stat().st_size
    if size > limits.FILE_BYTES:
        raise SheetError(
            "too_large", f"{sheet.label}: {size >> 20} MB, at most {limits.FILE_BYTES >> 20} MB are read; split it"
        )
    wanted = columns or Columns()
    titles = json.dumps((*wanted.titles(), wanted.extras))
    with running(MODULE, str(sheet.path), titles, within_s=limits.SECONDS) as child:
        while (message := child.message(LINE_BYTES)) is not None:
            if isinstance(message, list):
                number, values, fault = message
                name, description, model_name, model_descr, *extras = values
                yield Row(sheet.label, number, (name, description, model_name, model_descr), fault, tuple(extras))
            elif "end" in message:
                return
            else:
                raise SheetError(message["code"], message["message"])
        raise _death(sheet.label, child)


def _death(label: str, child: Child) -> SheetError:
    if child.was_slow():
        return SheetError("too_slow", f"{label}: not read within {limits.SECONDS:.0f} seconds; split it")
    memory = limits.MEMORY_BYTES >> 20
    return SheetError(
        "unreadable", f"{label}: damaged, or needs more than {memory} MB of memory to read; save it anew or split it"
    )
