"""A workbook of one sheet, written row by row: nothing of it is kept, and the same rows give the same bytes.

Parts and elements are those of ECMA-376, with the texts in their cells (18.18.11, `inlineStr`).
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from xml.sax.saxutils import escape

from models.errors import VitrineError
from serve_app.exports.cells import XLSX_ROWS, xlsx_cell

BYTES = (1 << 31) - (1 << 20)  # of a part of the zip without its 64-bit form, which Excel takes for damage
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "xl/worksheets/sheet1.xml"
OPENING, CLOSING = f'{XML}<worksheet xmlns="{MAIN}"><sheetData>', "</sheetData></worksheet>"
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/{SHEET}" ContentType="{TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


class Sink(Protocol):
    """What takes bytes, and need not be able to go back."""

    def write(self, part: bytes, /) -> int: ...
    def flush(self) -> None: ...


@contextmanager
def workbook(out: "Path | Sink", name: str) -> Iterator[Callable[[Iterable[Any]], None]]:
    """What adds a row of any values to the sheet `name`, the header first; raises VitrineError when it is full."""
    parts = PARTS | {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>'
    }
    target: Any = out  # the types of zipfile take a path or a sink, and no union of them
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in parts.items():
            with packed.open(path, "w") as part:  # not writestr, which notes the time
                part.write((XML + content).encode())
        with packed.open(SHEET, "w") as part:
            part.write(OPENING.encode())
            rows = size = 0

            def add(values: Iterable[Any]) -> None:
                nonlocal rows, size
                row = f"<row>{''.join(map(_cell, values))}</row>".encode()
                rows, size = rows + 1, size + len(row)
                if rows > 1 + XLSX_ROWS or size > BYTES:
                    most = f"{XLSX_ROWS} rows and {BYTES >> 20} MB of text"
                    raise VitrineError(f"a worksheet holds {most} and there is more; choose jsonl or parquet")
                part.write(row)

            yield add
            part.write(CLOSING.encode())


def _cell(value: Any) -> str:
    """Its place follows from the cells before it, so one without a value stands there as well."""
    shown = xlsx_cell(value)
    if shown is None or shown == "":
        return "<c/>"
    if isinstance(shown, str):
        kept = "" if shown == shown.strip() else ' xml:space="preserve"'
        text = escape(shown).replace("\r", "&#13;")
        return f'<c t="inlineStr"><is><t{kept}>{text}</t></is></c>'
    return f"<c><v>{shown!r}</v></c>"
