"""The workbook as readers see it that share no code with its writer."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from models.errors import VitrineError
from serve_app.exports import workbook as module
from serve_app.exports.workbook import workbook

ROWS: list[list[Any]] = [
    ["id", "text", "number"],
    ["a & b <c>", "  two lines\nand a tab\t", 19.99],
    [None, "", 3],
    ["]]> \u2028 \U0001f9e5", "bell\x07 rings", -1.5],
]
SHOWN: list[list[Any]] = [
    ["id", "text", "number"],
    ["a & b <c>", "  two lines\nand a tab\t", 19.99],
    [None, None, 3],
    ["]]> \u2028 \U0001f9e5", "bell rings", -1.5],
]


def written(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with workbook(out, "products") as add:
        for row in rows:
            add(row)
    return out.getvalue()


def test_every_value_comes_back_in_its_place() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written(ROWS)))["products"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == SHOWN
    read = CalamineWorkbook.from_filelike(io.BytesIO(written(ROWS))).get_sheet_by_name("products").to_python()
    assert read == [[value if value is not None else "" for value in row] for row in SHOWN]


def test_the_same_rows_give_the_same_bytes() -> None:
    assert written(ROWS) == written(ROWS)


def test_rows_leave_while_they_come(tmp_path: Path) -> None:
    with workbook(tmp_path / "a.xlsx", "products") as add:
        for number in range(20_000):
            add([str(number * 7919), "x"])
        assert (tmp_path / "a.xlsx").stat().st_size > 20_000, "most of the rows are in the file already"


def test_more_than_a_worksheet_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "XLSX_ROWS", 3)
    with pytest.raises(VitrineError, match="a worksheet holds 3 rows"):
        written([["row"]] * 5)
    assert written([["row"]] * 4)
