"""Sheets that are bombs, broken or wide, each made here from nothing."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl

from serve_app.sheets import COLUMNS

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def packed(path: Path, parts: dict[str, bytes]) -> None:
    """A workbook as openpyxl writes it, with some parts put in the place of its own or added."""
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, content in parts.items():
            target.writestr(name, content)


def header_row() -> str:
    return "<row r='1'>" + "".join(f"<c t='inlineStr'><is><t>{name}</t></is></c>" for name in COLUMNS) + "</row>"


def zeros(path: Path) -> None:
    packed(path, {SHEET: (HEAD + " " * (150 << 20) + TAIL).encode()})


def many_parts(path: Path) -> None:
    packed(path, {f"xl/media/{number}.bin": b"" for number in range(2_000)})


def lying_size(path: Path) -> None:
    """The directory says 1,000 bytes, the part unpacks to 150 MB."""
    zeros(path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo(SHEET)
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            if struct.unpack_from("<I", content, at + offset)[0] == part.file_size:
                struct.pack_into("<I", content, at + offset, 1_000)
    path.write_bytes(content)


def far_cell(path: Path) -> None:
    """Two cells at opposite corners: 17 thousand million cells when the space between is filled."""
    rows = f"{header_row()}<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
    packed(path, {SHEET: (HEAD + rows + TAIL).encode()})


def laughing_strings(path: Path) -> None:
    entities = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" for level in range(1, 12)
    )
    strings = f"<?xml version='1.0'?>{entities}]><sst><si><t>&a11;</t></si></sst>"
    cell = f"{HEAD}<row r='1'><c r='A1' t='s'><v>0</v></c></row>{TAIL}"
    packed(path, {"xl/sharedStrings.xml": strings.encode(), SHEET: cell.encode()})


def half(path: Path) -> None:
    packed(path, {})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def old_format_noise(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4_096)


def tall_parquet(path: Path) -> None:
    """A few kilobytes whose rows repeat one text of 1 MB."""
    text = "x" * (1 << 20)
    pl.DataFrame({name: pl.repeat(text, 300, eager=True) for name in COLUMNS}).write_parquet(path, compression="zstd")


def broken_parquet(path: Path) -> None:
    tall_parquet(path)
    content = bytearray(path.read_bytes())
    content[8 : len(content) // 2] = b"\xff" * (len(content) // 2 - 8)
    path.write_bytes(content)


def endless_rows(path: Path) -> None:
    with path.open("w") as text:
        text.write(",".join(COLUMNS) + "\n")
        text.writelines("a,b,c,d\n" for _ in range(250_000))


def wide(path: Path) -> None:
    path.write_text(",".join(str(number) for number in range(100_000)) + "\n")


def nested(path: Path) -> None:
    """Where the worksheet should be lies a zip that holds a zip of zeros."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet1.xml", bytes(100 << 20))
    packed(path, {SHEET: inner.getvalue()})


def million_columns(path: Path) -> None:
    path.write_text(";".join(f"c{number}" for number in range(1_000_000)) + "\n")


def outside(path: Path) -> None:
    """A string that is to be fetched, from this machine's files and from a server."""
    doctype = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'><!ENTITY h SYSTEM 'http://127.0.0.1/'>]>"
    strings = f"<?xml version='1.0'?>{doctype}<sst><si><t>&f;&h;</t></si></sst>"
    cell = f"{HEAD}<row r='1'><c r='A1' t='s'><v>0</v></c></row>{TAIL}"
    packed(path, {"xl/sharedStrings.xml": strings.encode(), SHEET: cell.encode()})


BOMBS: list[tuple[str, Callable[[Path], None], set[str]]] = [
    ("zeros.xlsx", zeros, {"packed_too_tight"}),
    ("parts.xlsx", many_parts, {"too_many_parts"}),
    ("lying.xlsx", lying_size, {"damaged", "unreadable", "empty_sheet", "packed_too_tight"}),
    ("far.xlsx", far_cell, {"unreadable", "too_large", "too_many_rows"}),
    ("laughs.xlsx", laughing_strings, {"damaged", "missing_columns", "empty_sheet"}),
    ("nested.xlsx", nested, {"damaged", "unreadable", "empty_sheet", "packed_too_tight"}),
    ("columns.csv", million_columns, {"too_wide"}),
    ("outside.xlsx", outside, {"damaged", "missing_columns", "empty_sheet"}),
    ("half.xlsx", half, {"damaged"}),
    ("noise.xlsx", noise, {"damaged"}),
    ("noise.ods", noise, {"damaged"}),
    ("noise.xls", old_format_noise, {"damaged", "unreadable"}),
    ("noise.parquet", noise, {"damaged"}),
    ("broken.parquet", broken_parquet, {"damaged", "unreadable"}),
    ("rows.csv", endless_rows, {"too_large"}),
    ("wide.csv", wide, {"too_wide"}),
]
