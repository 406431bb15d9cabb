"""Google Merchant Center: the product data specification's own attribute names, as a table or as RSS 2.0.

What models wrote is told apart as the specification asks: `structured_title` and `structured_description` carry the
digital source type `trained_algorithmic_media`. A picture carries its type in its own IPTC metadata; the feed has no
attribute for it. https://support.google.com/merchants/answer/7052112 and /answer/14743464
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from serve_app.exports.cells import defused, readable
from serve_app.exports.items import Item
from serve_app.exports.rows import Add

SOURCE_TYPE = "trained_algorithmic_media"
STRUCTURED = ("structured_title", "structured_description")
TITLE, DESCRIPTION = 150, 5000  # characters, by the specification
COLOURS = 3  # of one article, by the specification
AUDIENCES = {
    "men": ("male", "adult"),
    "women": ("female", "adult"),
    "boys": ("male", "kids"),
    "girls": ("female", "kids"),
    "unisex_kids": ("unisex", "kids"),
    "baby": ("unisex", "infant"),
}
# Of every product, then of apparel in Germany, France, the United Kingdom and others; one of each line has to be there.
REQUIRED = (
    ("id",), ("title", "structured_title"), ("description", "structured_description"), ("link",), ("image_link",),
    ("availability",), ("price",), ("brand",), ("color",), ("gender",), ("age_group",), ("size",),
)  # fmt: skip
COLUMNS = (
    "id", "title", "description", *STRUCTURED, "link", "image_link", "availability", "price", "condition", "brand",
    "gtin", "mpn", "google_product_category", "product_type", "color", "gender", "age_group", "size", "pattern",
    "material", "item_group_id",
)  # fmt: skip


def row(item: Item) -> dict[str, str]:
    """The attributes of an item in the order of COLUMNS, empty where nothing is known."""
    offer, attributes = item.offer, item.attributes
    gender, age_group = AUDIENCES.get(attributes.get("audience") or "", ("", ""))
    priced = item.price is not None and item.price.currency
    title, description = item.title[:TITLE], item.description[:DESCRIPTION]
    values = (
        item.id,
        *(("", "", title, description) if item.machine_made else (title, description, "", "")),
        offer.link, item.image_link, offer.availability,
        f"{item.price.amount} {item.price.currency}" if item.price and priced else "",
        offer.condition, offer.brand or attributes.get("brand") or "", offer.gtin, offer.mpn,
        offer.google_product_category, attributes.get("product_type") or "",
        "/".join(item.colours[:COLOURS]), gender, age_group, offer.size, "/".join(attributes.get("pattern", [])),
        "/".join(material.partition(" (")[0] for material in attributes.get("materials", [])),
        item.group if item.options else "",
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


@contextmanager
def tsv(path: Path) -> Iterator[Add]:
    """A table with tabs; line ends and tabs inside a value become spaces."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        yield lambda values: writer.writerow(_plain(name, text) for name, text in values.items())


@contextmanager
def xml(path: Path) -> Iterator[Add]:
    """RSS 2.0 with Google's namespace; empty attributes are left out."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write('<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">\n<channel>\n')
        out.write("<title>Vitrine</title>\n<link/>\n<description>Products with generated pictures</description>\n")
        yield lambda values: out.write(f"<item>\n{''.join(_element(*pair) for pair in values.items())}</item>\n")
        out.write("</channel>\n</rss>\n")


def _plain(name: str, text: str) -> str:
    line = " ".join(readable(text).split())
    if name not in STRUCTURED or not line:
        return defused(line)
    quoted = line.replace('"', '""')
    return f'{SOURCE_TYPE}:"{quoted}"'


def _element(name: str, text: str) -> str:
    if not text:
        return ""
    content = escape(readable(text))
    if name in STRUCTURED:
        kind = f"<g:digital_source_type>{SOURCE_TYPE}</g:digital_source_type>"
        content = f"{kind}<g:content>{content}</g:content>"
    return f"<g:{name}>{content}</g:{name}>\n"
