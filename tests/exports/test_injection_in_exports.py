"""Whatever a listing or a sheet says, a spreadsheet shows it and runs nothing."""

import csv
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from defusedxml import ElementTree
from drawn import SHIRT, records_of
from hypothesis import given, settings
from hypothesis import strategies as st

from serve_app.exports.cells import FORMULA, cell, xlsx_cell
from serve_app.exports.export import FORMATS
from serve_app.exports.items import File, Item
from serve_app.exports.offers import Offer, Price

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
HOSTILE = st.builds(
    "".join, st.tuples(st.sampled_from(("", "\x00", "\x01", " ", "\ud800")), st.sampled_from(FORMULA), st.text())
)
TEXTS = st.text() | st.text(st.characters()) | HOSTILE
[RECORD] = records_of(SHIRT)
ATTRIBUTES = ("product_type", "brand", "fit")


@st.composite
def hostile_items(draw: st.DrawFn) -> Item:
    """An item of which every text is a stranger's."""
    offer = Offer(*(draw(TEXTS) for _ in Offer.__dataclass_fields__))
    attributes = RECORD["attributes"] | {name: draw(TEXTS) for name in ATTRIBUTES}
    attributes |= {name: draw(st.lists(TEXTS, max_size=2)) for name in ("pattern", "features", "materials")}
    attributes["colours"] = [{"value": draw(TEXTS), "role": "base"}]
    record = RECORD | {"attributes": attributes, "clip_prompt": draw(TEXTS)}
    options = tuple((draw(TEXTS), draw(TEXTS)) for _ in range(draw(st.integers(0, 3))))
    return Item(
        id=draw(TEXTS),
        group=draw(TEXTS),
        options=options,
        title=draw(TEXTS),
        description=draw(TEXTS),
        machine_made=draw(st.booleans()),
        picture=File(draw(TEXTS), draw(TEXTS)),
        image_link=draw(TEXTS),
        price=Price("1.00", "EUR"),
        offer=offer,
        record=record,
    )


def delimited(path: Path, mark: str) -> Iterator[list[Any]]:
    with path.open(encoding="utf-8", newline="") as text:
        yield from csv.reader(text, delimiter=mark)


def workbook(path: Path) -> Iterator[list[Any]]:
    for row in openpyxl.load_workbook(path)["products"].iter_rows():
        assert "f" not in {found.data_type for found in row}, row
        yield [found.value for found in row]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("google-tsv", lambda path: delimited(path, "\t")),
        ("shopify", lambda path: delimited(path, ",")),
        ("xlsx", workbook),
    ],
)
@settings(max_examples=60, deadline=None)
@given(found=st.lists(hostile_items(), min_size=1, max_size=3))
def test_no_cell_of_a_file_begins_like_a_formula(
    name: str, read: Callable[[Path], Iterator[list[Any]]], found: list[Item]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.xlsx"
        with FORMATS[name].open(path) as add:
            for item in found:
                add(FORMATS[name].row(item))
        _, *rows = read(path)
    assert len(rows) == len(found)
    shown = [str(value) for row in rows for value in row if value is not None]
    assert not [value for value in shown if value.startswith(BEGINNINGS)]


@settings(max_examples=60, deadline=None)
@given(found=st.lists(hostile_items(), min_size=1, max_size=3))
def test_any_text_leaves_the_xml_well_formed(found: list[Item]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.xml"
        with FORMATS["google-xml"].open(path) as add:
            for item in found:
                add(FORMATS["google-xml"].row(item))
        assert len(ElementTree.parse(path).getroot().findall("channel/item")) == len(found)


@given(TEXTS | st.lists(TEXTS))
def test_no_cell_begins_like_a_formula(value: Any) -> None:
    for shown in (cell(value), xlsx_cell(value)):
        assert isinstance(shown, str)
        assert not shown.startswith(BEGINNINGS)


def test_a_character_that_is_dropped_uncovers_no_formula() -> None:
    assert xlsx_cell("\x01=1+1") == "'=1+1"
