"""Reads a sheet through a child process, so that a hostile file costs that process and not this one."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import serve_app
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
    with _child(sheet.path, columns or Columns()) as (process, late):
        assert process.stdout is not None
        while line := process.stdout.readline(LINE_BYTES):
            message = _message(line)
            if isinstance(message, list):
                number, values, fault = message
                yield Row(sheet.label, number, tuple(values), fault)
            elif message is not None:
                if "end" in message:
                    return
                raise SheetError(message["code"], message["message"])
        raise _death(sheet.label, process, late.is_set())


@contextmanager
def _child(path: Path, columns: Columns) -> Iterator[tuple[subprocess.Popen[bytes], threading.Event]]:
    command = [sys.executable, "-m", MODULE, str(path), json.dumps(columns.titles())]
    here = str(Path(serve_app.__file__).parent.parent)
    environment = {
        "PYTHONPATH": here,
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C.UTF-8",
        "POLARS_MAX_THREADS": "1",
    }
    late = threading.Event()
    with subprocess.Popen(  # noqa: S603 - our own module; the sheet's name is an argument, not a command
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        timer = threading.Timer(limits.SECONDS, _stop, (process, late))
        timer.daemon = True
        timer.start()
        try:
            yield process, late
        finally:
            timer.cancel()
            process.kill()


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _message(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None  # the half line of a process that died


def _death(label: str, process: subprocess.Popen[bytes], late: bool) -> SheetError:
    code = process.wait()
    if late:
        return SheetError("too_slow", f"{label}: not read within {limits.SECONDS:.0f} seconds; split it")
    if code < 0 or code == 1:
        memory = limits.MEMORY_BYTES >> 20
        return SheetError(
            "unreadable",
            f"{label}: damaged, or needs more than {memory} MB of memory to read; save it anew or split it",
        )
    return SheetError("unreadable", f"{label}: the reading process ended with code {code}")
