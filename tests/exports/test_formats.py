"""Every format, read back by a reader that shares no code with its writer."""

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from defusedxml import ElementTree
from drawn import BLOUSE, COLOURLESS, SHIRT, records_of, saved

from models.errors import VitrineError
from serve_app.exports import google, shopify, tables
from serve_app.exports.export import FORMATS, Exported, export, format_of
from serve_app.exports.items import Choice
from serve_app.exports.offers import Offer, Offers

G = "{http://base.google.com/ns/1.0}"
PUBLISHED = Choice(base_url="https://shop.example/autumn/", currency="EUR")
OFFERS: Offers = {
    SHIRT.article_id: (
        Offer("T-1", "04006381333931", "", "Acme", "19,99 €", "in_stock", "new", "https://shop.example/t-1", "M"),
        Offer("T-2", "04006381333948", "", "Acme", "19,99 €", "in_stock", "new", "https://shop.example/t-2", "L"),
    )
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("run")
    saved(root, *records_of(SHIRT), *records_of(BLOUSE), *records_of(COLOURLESS))
    return root


def written(root: Path, out: Path, name: str, choice: Choice = PUBLISHED, offers: Offers = OFFERS) -> Exported:
    return export(root, out, FORMATS[name], choice, offers)


def read_tsv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, delimiter="\t"))


def read_csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def read_xml(path: Path) -> list[dict[str, Any]]:
    found = ElementTree.parse(path).getroot().iterfind("channel/item")
    return [{element.tag.removeprefix(G): element for element in item} for item in found]


def read_xlsx(path: Path) -> list[dict[str, Any]]:
    head, *rows = openpyxl.load_workbook(path, read_only=True)["products"].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_google_gets_a_row_per_size_with_the_sellers_words_and_googles_names(root: Path, tmp_path: Path) -> None:
    told = written(root, tmp_path / "feed.tsv", "google-tsv")
    first, second, blouse = read_tsv(tmp_path / "feed.tsv")
    assert list(first) == list(google.COLUMNS)
    assert {name: value for name, value in first.items() if value} == {
        "id": "T-1", "title": "Herren-T-Shirt", "description": "Herren-T-Shirt mit Rundhals.",
        "link": "https://shop.example/t-1",
        "image_link": f"https://shop.example/autumn/pictures/{SHIRT.article_id}.png",
        "availability": "in_stock", "price": "19.99 EUR", "condition": "new", "brand": "Acme",
        "gtin": "04006381333931", "product_type": "t-shirt", "color": "dark blue", "gender": "male",
        "age_group": "adult", "size": "M", "pattern": "melange", "item_group_id": SHIRT.article_id,
    }  # fmt: skip
    assert (second["id"], second["size"], second["item_group_id"]) == ("T-2", "L", SHIRT.article_id)
    assert (blouse["id"], blouse["item_group_id"]) == (BLOUSE.article_id, "")
    assert blouse["description"] == 'Bluse mit "V-Ausschnitt"; kurz & <leicht>'
    assert (told.items, dict(told.left_out)) == (3, {"needs_answer": 1})
    assert dict(told.lacking) == dict.fromkeys(("link", "availability", "price", "brand", "size"), 1)


def test_the_xml_says_what_the_table_says(root: Path, tmp_path: Path) -> None:
    written(root, tmp_path / "feed.tsv", "google-tsv")
    written(root, tmp_path / "feed.xml", "google-xml")
    shown = [
        {name: " ".join(element.text.split()) for name, element in item.items()}
        for item in read_xml(tmp_path / "feed.xml")
    ]
    assert shown == [{k: v for k, v in row.items() if v} for row in read_tsv(tmp_path / "feed.tsv")]


def test_what_models_wrote_is_named_as_such(root: Path, tmp_path: Path) -> None:
    translated = Choice(base_url="https://shop.example", translated=True)
    written(root, tmp_path / "feed.tsv", "google-tsv", translated)
    first, _, blouse = read_tsv(tmp_path / "feed.tsv")
    assert (first["title"], first["description"]) == ("", "")
    assert first["structured_title"] == 'trained_algorithmic_media:"Dark blue melange men\'s t-shirt with crew neck"'
    assert 'mit ""V-Ausschnitt""' in blouse["structured_description"]
    written(root, tmp_path / "feed.xml", "google-xml", translated)
    item = read_xml(tmp_path / "feed.xml")[0]
    assert not {"title", "description"} & set(item)
    title = {part.tag.removeprefix(G): part.text for part in item["structured_title"]}
    assert title == {
        "digital_source_type": "trained_algorithmic_media",
        "content": "Dark blue melange men's t-shirt with crew neck",
    }


def test_shopify_gets_one_product_with_its_variants_under_one_handle(root: Path, tmp_path: Path) -> None:
    told = written(root, tmp_path / "shop.csv", "shopify")
    first, second, blouse = read_csv(tmp_path / "shop.csv")
    assert list(first) == list(shopify.COLUMNS)
    assert first["URL handle"] == second["URL handle"] == f"herren-t-shirt-{SHIRT.article_id}"
    assert [(row["Option1 name"], row["Option1 value"]) for row in (first, second, blouse)] == [
        ("Size", "M"), ("Size", "L"), ("Title", "Default Title"),
    ]  # fmt: skip
    assert (first["SKU"], first["Price"], first["Barcode"], first["Status"]) == (
        "T-1", "19.99", "04006381333931", "draft",
    )  # fmt: skip
    assert blouse["Description"] == "<p>Bluse mit &quot;V-Ausschnitt&quot;;<br>kurz &amp; &lt;leicht&gt;</p>"
    assert dict(told.lacking) == {"Price": 1}


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(path).to_dicts()


@pytest.mark.parametrize(
    ("name", "read", "colours"),
    [
        ("jsonl", read_jsonl, ["dark blue base"]),
        ("parquet", parquet_rows, ["dark blue base"]),
        ("xlsx", read_xlsx, "dark blue base"),
    ],
)
def test_a_table_holds_every_attribute(
    name: str, read: Callable[[Path], list[dict[str, Any]]], colours: object, root: Path, tmp_path: Path
) -> None:
    written(root, tmp_path / f"all.{name}", name)
    first, _, blouse = read(tmp_path / f"all.{name}")
    assert list(first) == list(tables.COLUMNS)
    assert (first["price"], first["currency"], first["gtin"]) == (19.99, "EUR", "04006381333931")
    assert (first["colours"], first["neckline"], first["score_10"]) == (colours, "crew", 9.5)
    assert first["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert (blouse["price"], blouse["link"], blouse["description"]) == (None, None, BLOUSE.description)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_run_gives_the_same_file(name: str, root: Path, tmp_path: Path) -> None:
    written(root, tmp_path / "a", name)
    written(root, tmp_path / "b", name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_articles_stand_in_the_order_of_the_sheet(root: Path, tmp_path: Path) -> None:
    for order in ((BLOUSE, SHIRT), (SHIRT, BLOUSE)):
        written(root, tmp_path / "a.jsonl", "jsonl", Choice(), {listing.article_id: (Offer(),) for listing in order})
        assert [row["id"] for row in read_jsonl(tmp_path / "a.jsonl")] == [listing.article_id for listing in order]


def test_colourways_are_variants_with_ids_of_their_own(tmp_path: Path) -> None:
    saved(tmp_path / "run", *records_of(COLOURLESS, policy="colourways=3"))
    offers = {COLOURLESS.article_id: (Offer("B-1", size="S"), Offer("B-1", size="M"))}
    told = written(tmp_path / "run", tmp_path / "feed.csv", "shopify", PUBLISHED, offers)
    rows = read_csv(tmp_path / "feed.csv")
    told_apart = {(row["Option1 value"], row["Option2 value"]) for row in rows}
    assert {(row["Option1 name"], row["Option2 name"]) for row in rows} == {("Color", "Size")}
    assert len(told_apart) == len(rows) == 6
    assert len({row["Product image URL"] for row in rows}) == 3
    assert told.repeated == 3, "each colour has two sizes under one id of the sheet"


def test_pictures_below_the_score_stay(root: Path, tmp_path: Path) -> None:
    told = written(root, tmp_path / "a.jsonl", "jsonl", Choice(min_score=9.6))
    assert (told.items, told.left_out["score below 9.6"]) == (0, 2)


def test_a_damaged_record_stays_and_is_counted(tmp_path: Path) -> None:
    folder = saved(tmp_path / "run", *records_of(SHIRT), *records_of(BLOUSE))
    folder.picture(SHIRT.article_id).unlink()
    told = written(tmp_path / "run", tmp_path / "a.jsonl", "jsonl", Choice(), {})
    assert (told.items, dict(told.left_out)) == (1, {"damaged": 1})


def test_the_result_of_a_batch_gives_the_same_feed_in_the_order_of_its_rows(root: Path, tmp_path: Path) -> None:
    packed = tmp_path / "result.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        rows = [*([BLOUSE] * 2), COLOURLESS, SHIRT]
        lines = [{"article_id": listing.article_id, "records": records_of(listing)} for listing in rows]
        lines.insert(1, {"article_id": None, "records": []})
        archive.writestr("records.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        for listing in (BLOUSE, SHIRT):
            [record] = records_of(listing)
            archive.writestr(f"pictures/{record['sha256']}.png", b"picture")
    told = written(packed, tmp_path / "batch.jsonl", "jsonl")
    written(root, tmp_path / "run.jsonl", "jsonl", PUBLISHED, {BLOUSE.article_id: (Offer(),)} | OFFERS)
    batch, run = read_jsonl(tmp_path / "batch.jsonl"), read_jsonl(tmp_path / "run.jsonl")
    for row in (*batch, *run):
        assert row.pop("picture") in row.pop("image_link")
    assert batch == run
    assert dict(told.left_out) == {"needs_answer": 1}


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.zip").write_bytes(b"no zip")
    with pytest.raises(VitrineError, match=r"result\.zip is no result of a batch as zip"):
        written(tmp_path / "result.zip", tmp_path / "a.tsv", "google-tsv")


def test_a_record_that_cannot_be_read_is_no_fault_of_the_output(tmp_path: Path) -> None:
    saved(tmp_path / "run", *records_of(SHIRT))
    blocked = tmp_path / "run" / "records" / f"{BLOUSE.article_id}.json"
    blocked.mkdir()
    with pytest.raises(VitrineError, match=rf"cannot read .*{BLOUSE.article_id}\.json: Is a directory"):
        written(tmp_path / "run", tmp_path / "a.tsv", "google-tsv")
    assert not (tmp_path / "a.tsv").exists()


def test_a_folder_that_is_none_of_a_run_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(VitrineError, match="holds no records"):
        written(tmp_path, tmp_path / "a.tsv", "google-tsv")
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_nobody_names_is_refused_with_those_there_are() -> None:
    assert format_of(None, Path("feed.xml")) is FORMATS["google-xml"]
    with pytest.raises(VitrineError, match=r"names no format.*google-tsv, google-xml"):
        format_of(None, Path("feed"))
    with pytest.raises(VitrineError, match="'otto' is unknown"):
        format_of("otto", Path("feed.csv"))
