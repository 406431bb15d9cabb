"""Price, GTIN and link come from the sheet that sells the article, and nothing is guessed."""

import csv
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from drawn import BLOUSE, HEADER, SHIRT

from models.errors import VitrineError
from serve_app.catalogue.listing import Listing
from serve_app.exports.offers import Offer, Price, offers, price
from serve_app.sheets import SheetError

TITLES = (*HEADER, "EAN", "Preis", "size", "id")
ROWS: list[tuple[object, ...]] = [
    (*(text for _, text in BLOUSE.columns()), "04006381333931", "24,90", "38", "B-38"),
    (*(text for _, text in SHIRT.columns()), "", "19.99 EUR", "M", "T-M"),
    (*(text for _, text in BLOUSE.columns()), "04006381333948", "24,90", "40", "B-40"),
    (*(text for _, text in BLOUSE.columns()), "04006381333931", "24,90", "38", "B-38"),
]
NAMED = "price=Preis, gtin=EAN"


def as_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, delimiter=";").writerows([TITLES, *ROWS])


def as_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (TITLES, *ROWS):
        book.active.append(list(row))
    book.save(path)


def as_parquet(path: Path) -> None:
    pl.DataFrame(ROWS, schema=list(TITLES), orient="row").write_parquet(path)


def as_jsonl(path: Path) -> None:
    pl.DataFrame(ROWS, schema=list(TITLES), orient="row").write_ndjson(path)


@pytest.mark.parametrize(
    ("suffix", "write"), [("csv", as_csv), ("xlsx", as_workbook), ("parquet", as_parquet), ("jsonl", as_jsonl)]
)
def test_a_row_is_an_offer_of_its_article_whatever_the_sheet_is(suffix: str, write: object, tmp_path: Path) -> None:
    sheet = tmp_path / f"sheet.{suffix}"
    assert callable(write)
    write(sheet)
    found = offers([sheet], NAMED)
    assert list(found) == [BLOUSE.article_id, SHIRT.article_id], "in the order of the sheet"
    assert found[BLOUSE.article_id] == (
        Offer(id="B-38", gtin="04006381333931", price="24,90", size="38"),
        Offer(id="B-40", gtin="04006381333948", price="24,90", size="40"),
    )
    assert found[SHIRT.article_id] == (Offer(id="T-M", price="19.99 EUR", size="M"),)


def test_an_article_that_nobody_sells_has_no_offers(tmp_path: Path) -> None:
    as_csv(tmp_path / "sheet.csv")
    found = offers([tmp_path / "sheet.csv"], NAMED)
    assert len(found) == 2
    assert (found.get("0" * 16), "0" * 16 in found, SHIRT.article_id in found) == (None, False, True)


def test_numbers_of_a_workbook_keep_all_their_digits(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in ((*HEADER, "gtin", "price"), ("Rock", "rot", "", "", 4006381333931, 24.9)):
        book.active.append(list(row))
    book.save(tmp_path / "sheet.xlsx")
    [offer] = offers([tmp_path / "sheet.xlsx"], "")[Listing("Rock", "rot").article_id]
    assert (offer.gtin, price(offer.price, "EUR")) == ("4006381333931", Price("24.90", "EUR"))


def test_one_column_may_be_read_as_two(tmp_path: Path) -> None:
    as_parquet(tmp_path / "sheet.parquet")
    found = offers([tmp_path / "sheet.parquet"], "model_name=id, mpn=id")
    assert {offer.mpn for each in found.values() for offer in each} == {"B-38", "T-M", "B-40"}


def test_a_title_that_was_named_and_is_not_there_is_refused(tmp_path: Path) -> None:
    as_csv(tmp_path / "sheet.csv")
    with pytest.raises(VitrineError, match="--columns link=Adresse: no row of the sheets has a value there"):
        offers([tmp_path / "sheet.csv"], "link=Adresse")
    with pytest.raises(SheetError, match="--columns takes COLUMN=TITLE"):
        offers([tmp_path / "sheet.csv"], "colour=Farbe")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("19,99 €", "19.99", "EUR"),
        ("EUR 1.299,00", "1299.00", "EUR"),
        ("1,299.5 GBP", "1299.50", "GBP"),
        ("£5", "5.00", "GBP"),
        ("12 345,60", "12345.60", "CHF"),
        ("0,5", "0.50", "CHF"),
    ],
)
def test_a_price_is_read_with_its_currency(text: str, amount: str, currency: str) -> None:
    assert price(text, "CHF") == Price(amount, currency)


@pytest.mark.parametrize(
    "text", ["1.299", "9" * 400, "19.999", "ab 20 EUR", "19,99 - 24,99", "-5", "$5", "19,,9", "€", "1e3"]
)
def test_a_price_that_could_mean_two_things_is_none(text: str) -> None:
    assert price(text, "EUR") is None
