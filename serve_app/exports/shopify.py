"""Shopify's product CSV: one row per variant, those of a product together under one URL handle.

Column names are those of Shopify's template, https://help.shopify.com/en/manual/products/import-export/using-csv
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from serve_app.exports.cells import as_text, defused
from serve_app.exports.google import AUDIENCES
from serve_app.exports.items import Item
from serve_app.exports.rows import Add

OPTIONS = 3  # a product of Shopify has no more
HANDLE = 60  # characters of the title in an address; the article's id follows
SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
REQUIRED = (("Title",), ("Price",), ("Product image URL",))
COLUMNS = (
    "Title", "URL handle", "Description", "Vendor", "Type", "Tags", "Status", "SKU", "Barcode",
    *(f"Option{number} {part}" for number in range(1, OPTIONS + 1) for part in ("name", "value")),
    "Price", "Product image URL", "Image alt text", "Variant image URL",
    "Google Shopping / Google product category", "Google Shopping / Gender", "Google Shopping / Age group",
    "Google Shopping / Manufacturer part number (MPN)", "Google Shopping / Condition",
)  # fmt: skip


def row(item: Item) -> dict[str, str]:
    """A variant; it arrives as a draft, for who owns the shop publishes."""
    offer, attributes = item.offer, item.attributes
    gender, age_group = AUDIENCES.get(attributes.get("audience") or "", ("", ""))
    options = [text for pair in item.options or (("Title", "Default Title"),) for text in pair]
    tags = [attributes.get("audience"), *item.colours, *map(as_text, attributes.get("features", []))]
    values = (
        item.title, handle(item), f"<p>{'<br>'.join(escape(item.description).splitlines())}</p>",
        offer.brand or attributes.get("brand") or "", attributes.get("product_type") or "",
        ", ".join(re.sub("[,_]", " ", tag) for tag in tags if tag), "draft", offer.id, offer.gtin,
        *options, *[""] * (2 * OPTIONS - len(options)),
        item.price.amount if item.price else "", item.image_link, item.record["clip_prompt"],
        item.image_link if item.options else "", offer.google_product_category, gender.capitalize(), age_group,
        offer.mpn, offer.condition,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


@contextmanager
def table(path: Path) -> Iterator[Add]:
    """csv in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)  # its line ends are both kinds, so that a text with either is quoted
        writer.writerow(COLUMNS)
        yield lambda values: writer.writerow(map(defused, values.values()))


def handle(item: Item) -> str:
    """The product's address in the shop: its title in plain letters, and the article's id, which makes it unique."""
    spelt = unicodedata.normalize("NFKD", item.title.lower().translate(SPELT))
    plain = re.sub(r"[^a-z0-9]+", "-", spelt.encode("ascii", "ignore").decode())
    return f"{plain[:HANDLE].strip('-')}-{item.group}".strip("-")
