"""`vitrine export` as a person types it."""

import csv
import json
from pathlib import Path

import pytest
from drawn import COLOURLESS, HEADER, SHIRT, records_of, saved

from serve_app.cli import app


@pytest.fixture
def root(tmp_path: Path) -> Path:
    saved(tmp_path / "run", *records_of(SHIRT), *records_of(COLOURLESS))
    return tmp_path / "run"


def called(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        app(["export", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_says_what_is_missing(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(root, "--out", tmp_path / "feed.tsv", "--base-url", "https://shop.example") == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"{tmp_path / 'feed.tsv'}: 1 items",
        "left out: 1 needs_answer",
        *(f"without {name}: 1 of 1" for name in ("link", "availability", "price", "brand", "size")),
    ]


def test_the_sheet_gives_what_the_listing_does_not_state(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.csv"
    with sheet.open("w", encoding="utf-8", newline="") as text:
        titles = [*HEADER, "Preis", "link", "availability", "brand", "size"]
        row = [*(text for _, text in SHIRT.columns()), "19,99", "https://shop.example/1", "in_stock", "Acme", "M"]
        csv.writer(text).writerows([titles, row])
    given = ("--sheet", sheet, "--columns", "price=Preis", "--currency", "EUR", "--base-url", "https://shop.example")
    assert called(root, "--out", tmp_path / "feed.xml", *given, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "path": str(tmp_path / "feed.xml"), "items": 1, "repeated_ids": 0, "lacking": {},
        "left_out": {"needs_answer": 1},
    }  # fmt: skip
    assert "<g:price>19.99 EUR</g:price>" in (tmp_path / "feed.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "feed.txt"], "'feed.txt' names no format by its end; give --format google-tsv"),
        (["--out", "none/feed.tsv"], "cannot write none/feed.tsv: No such file or directory; choose another --out"),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(
    arguments: list[str], said: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(root, *arguments) == 2
    assert said in capsys.readouterr().err
