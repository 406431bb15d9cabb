"""The scoring rules, on sheets of our own."""

import csv
from pathlib import Path
from typing import Any

import pytest

from models.errors import VitrineError
from serve_app.catalogue import evaluation

HEAD = ["name", "description", "model_name", "model_descr"]
LABELS = [*evaluation.FIELDS]
SHIRT = ["Herren-T-Shirt", "", "T-Shirt", "r-neck,blue,print white,placement print"]


def written(folder: Path, name: str, head: list[str], rows: list[list[str]]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def label(**values: str) -> list[str]:
    plain = {"audience": "men", "product_type": "t-shirt", "colours": "blue", "multi_colour_offer": "no",
             "pattern": "print", "neckline": "crew", "licensed_character": "no"}  # fmt: skip
    return [{**plain, **values}.get(name, "") for name in LABELS]


def figures(folder: Path, rows: list[list[str]], labels: list[list[str]]) -> dict[str, Any]:
    sheet, lines = written(folder, "a.csv", HEAD, rows), written(folder, "a_labels.csv", LABELS, labels)
    return evaluation.evaluate([(sheet, lines)])


def test_print_colours_and_placement_do_not_count(tmp_path: Path) -> None:
    found = figures(tmp_path, [SHIRT], [label()])
    assert found["wrong"] == []
    assert found["fields"]["colours"] == {
        "exact": 1.0, "precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 1, "labelled": 1, "invented": 0,
    }  # fmt: skip


def test_a_colour_that_the_labels_lack_is_invented(tmp_path: Path) -> None:
    found = figures(tmp_path, [SHIRT], [label(colours="")])
    assert found["fields"]["colours"]["invented"] == 1
    assert found["wrong"] == [{"row": "1:1", "field": "colours", "found": ["blue"], "labelled": []}]


def test_a_duplicate_counts_once(tmp_path: Path) -> None:
    assert figures(tmp_path, [SHIRT, SHIRT], [label(), label()])["articles"] == 1


def test_a_missing_value_lowers_recall_only(tmp_path: Path) -> None:
    pattern = figures(tmp_path, [SHIRT], [label(pattern="print;melange")])["fields"]["pattern"]
    assert (pattern["precision"], pattern["recall"], pattern["exact"]) == (1.0, 0.5, 0.0)


def test_sheets_and_labels_must_have_the_same_rows(tmp_path: Path) -> None:
    with pytest.raises(VitrineError, match="2 rows"):
        figures(tmp_path, [SHIRT, SHIRT], [label()])
