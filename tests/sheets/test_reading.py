"""Every format gives the same rows, and what cannot be read is said in one sentence."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from serve_app.sheets import COLUMNS, Columns, SheetError, find, read

TEXTS = [
    ("Herren-T-Shirt", 'Mit Rundhals; aus "reiner" Baumwolle,\nfür Größen bis XL', "T-Shirt", "r-neck,basic,blau"),
    ("Damen-Bluse", "Hübsch, kurz", "Bluse", ""),
    ("Mädchen-Shirt", "Ärmel: ¾ – weiß", "Shirt", "rosé|mel"),
]


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (COLUMNS, *TEXTS):
        sheet.append(list(row))
    book.save(path)


def ods(path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Artikel")
    for row in (COLUMNS, *TEXTS):
        line = TableRow()
        for cell in row:
            holder = TableCell(valuetype="string")
            for paragraph in cell.split("\n"):
                holder.addElement(P(text=paragraph))
            line.addElement(holder)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(path))


def delimited(path: Path, delimiter: str, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as text:
        csv.writer(text, delimiter=delimiter).writerows([COLUMNS, *TEXTS])


def jsonl(path: Path) -> None:
    lines = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in TEXTS]
    path.write_text("\n".join(lines), "utf-8")


def parquet(path: Path) -> None:
    pl.DataFrame(TEXTS, schema=list(COLUMNS), orient="row").write_parquet(path)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.xlsx", workbook),
        ("a.ods", ods),
        ("a.csv", lambda path: delimited(path, ",", "utf-8")),
        ("bom.csv", lambda path: delimited(path, ";", "utf-8-sig")),
        ("excel.csv", lambda path: delimited(path, ";", "cp1252")),
        ("pipes.csv", lambda path: delimited(path, "|", "utf-16")),
        ("a.tsv", lambda path: delimited(path, "\t", "utf-8")),
        ("a.jsonl", jsonl),
        ("a.parquet", parquet),
    ],
)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str, write: Callable[[Path], None]) -> None:
    write(tmp_path / name)
    rows = list(read(find([tmp_path / name])[0]))
    assert [(row.file, row.row, row.fault) for row in rows] == [(name, number, None) for number in (1, 2, 3)]
    assert [row.values for row in rows] == TEXTS


def test_values_keep_their_type_and_empty_cells_are_empty_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (COLUMNS, ("a", 4711, 2.5, True), (None, None, None, None), ("b", None, None, None), (None,) * 4):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    rows = list(read(find([tmp_path / "a.xlsx"])[0]))
    assert [(row.row, row.values) for row in rows] == [
        (1, ("a", 4711, 2.5, True)),
        (2, ("", "", "", "")),
        (3, ("b", "", "", "")),
    ]


def test_columns_are_found_by_their_mapped_titles_in_any_order_and_case(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Einkauf;TITEL;Text\nblau;Hemd;schön\n", "utf-8")
    columns = Columns.parse("name=Titel, description=Text, model_name=, model_descr=Einkauf")
    assert [row.values for row in read(find([tmp_path / "a.csv"])[0], columns)] == [("Hemd", "schön", "", "blau")]


def test_a_missing_column_names_the_columns_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,description,Einkauf\nx,y,z\n", "utf-8")
    with pytest.raises(
        SheetError, match=r"no column 'model_name', 'model_descr'; found 'name', 'description', 'Einkauf'"
    ):
        list(read(find([tmp_path / "a.csv"])[0]))


@pytest.mark.parametrize("text", ["title=Titel", "name", "name:Titel"])
def test_a_column_option_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(SheetError, match="--columns takes COLUMN=TITLE"):
        Columns.parse(text)


def test_the_worksheet_with_the_columns_is_found_behind_others(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Hinweise zur Saison"])
    second = book.create_sheet("Artikel")
    second.append(COLUMNS)
    second.append(TEXTS[0])
    book.save(tmp_path / "a.xlsx")
    assert [row.values for row in read(find([tmp_path / "a.xlsx"])[0])] == [TEXTS[0]]


def test_a_row_that_cannot_be_split_is_a_row_with_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,description,model_name,model_descr\na,b,c,d,e,f\ng,h,i,j\n", "utf-8")
    (tmp_path / "b.jsonl").write_text(
        '{"name": "a", "description": "b", "model_name": "c", "model_descr": "d"}\n{"na\n[]\n'
    )
    broken, good = read(find([tmp_path / "a.csv"])[0])
    assert (broken.fault, good.fault) == ("the row has 6 cells, the header 4; quote cells that hold ','", None)
    good, half, no_object = read(find([tmp_path / "b.jsonl"])[0])
    assert good.values == ("a", "b", "c", "d")
    assert (half.row, half.values[0], str(half.fault)[:26]) == (2, '{"na', "the line is not valid JSON")
    assert "no object" in str(no_object.fault)


def test_a_folder_is_read_in_sorted_order_and_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("b.csv", "a/z.tsv", "a/b.csv", ".cache/x.csv", "~$b.xlsx", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [sheet.label for sheet in find([tmp_path])] == ["a/b.csv", "a/z.tsv", "b.csv"]
    twice = find([tmp_path / "b.csv", tmp_path / "a" / "b.csv", tmp_path / "b.csv"])
    assert [sheet.label for sheet in twice] == [(tmp_path / "b.csv").as_posix(), (tmp_path / "a/b.csv").as_posix()]


@pytest.mark.parametrize(
    ("name", "code"), [("none.csv", "no_file"), ("notes.txt", "unknown_format"), ("empty", "empty_folder")]
)
def test_a_path_that_is_no_sheet_is_refused(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(SheetError) as refused:
        find([tmp_path / name])
    assert refused.value.code == code


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(SheetError, match="the sheet is empty"):
        list(read(find([tmp_path / "a.csv"])[0]))
