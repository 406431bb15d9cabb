"""What a sheet says of an article's offer beside its four columns: price, GTIN, link; every row is a variant."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from models.errors import VitrineError
from serve_app.runs.articles import distinct
from serve_app.sheets import Columns, find, read

CURRENCIES = {"€": "EUR", "£": "GBP"}  # signs of one currency only; a dollar may be any of twenty
AMOUNT = re.compile(r"(\d{1,12}|\d{1,3}(?:[.,' ]\d{3}){1,3})(?:[.,](\d{1,2}))?")  # what a float holds to the cent
UNCLEAR = re.compile(r"\d{1,3}[.,]\d{3}")  # 1.299: a thousand, or a float of three decimals?


@dataclass(frozen=True, slots=True)
class Offer:
    """One row of the sheet, as text; empty where the sheet says nothing."""

    id: str = ""
    gtin: str = ""
    mpn: str = ""
    brand: str = ""
    price: str = ""
    availability: str = ""
    condition: str = ""
    link: str = ""
    size: str = ""
    google_product_category: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """`amount` with two decimals and a point; `currency` in ISO 4217, empty where none is known."""

    amount: str
    currency: str


TITLES = {field.name: field.name for field in fields(Offer)}
Offers = Mapping[str, tuple[Offer, ...]]


class OnDisk(Offers):
    """Offers in a file without a name, which goes with the process: a sheet may have more rows than memory holds."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        named = ", ".join(("article", *TITLES))
        self._rows.execute("PRAGMA journal_mode = OFF")  # nobody comes back to it
        self._rows.execute(f"CREATE TABLE offers ({named}, UNIQUE ({named}))")

    def add(self, article: str, offer: Offer) -> None:
        """Behind the article's others, unless it has the same already."""
        values = (article, *(getattr(offer, name) for name in TITLES))
        self._rows.execute(f"INSERT OR IGNORE INTO offers VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608

    def __getitem__(self, article: str) -> tuple[Offer, ...]:
        wanted = f"SELECT {', '.join(TITLES)} FROM offers WHERE article = ? ORDER BY rowid"  # noqa: S608 - fields' names
        found = tuple(Offer(*row) for row in self._rows.execute(wanted, (article,)))
        if not found:
            raise KeyError(article)
        return found

    def __iter__(self) -> Iterator[str]:
        """In the order of their first rows."""
        yield from (row[0] for row in self._rows.execute("SELECT article FROM offers GROUP BY 1 ORDER BY min(rowid)"))

    def __len__(self) -> int:
        count: int = self._rows.execute("SELECT count(DISTINCT article) FROM offers").fetchone()[0]
        return count


def offers(sheets: list[Path], columns: str) -> Offers:
    """Offers by article id in the order of the sheets, equal ones of an article once.

    `columns`: the sheets' own titles, `price=Preis,gtin=EAN,name=Titel`. Raises SheetError, and VitrineError for a
    title that was named and that no row fills.
    """
    named, rest = _named(columns)
    titles = TITLES | named
    wanted = Columns.parse(rest)
    wanted = Columns(*wanted.titles(), extras=tuple(titles.values()))
    found, filled = OnDisk(), set[str]()
    for sheet in find(sheets):
        for row in read(sheet, wanted):
            offer = Offer(*(str(value).strip() for value in row.extras))
            found.add(distinct([row])[0].article_id, offer)
            filled.update(name for name in TITLES if getattr(offer, name))
    for name in named.keys() - filled:
        raise VitrineError(f"--columns {name}={named[name]}: no row of the sheets has a value there")
    return found


def _named(columns: str) -> tuple[dict[str, str], str]:
    """Pairs that name columns of the offer, and the rest as it came."""
    pairs = [pair.partition("=") for pair in columns.split(",") if pair.strip()]
    mine = {name.strip(): title.strip() for name, _, title in pairs if name.strip() in TITLES and title.strip()}
    return mine, ",".join("".join(pair) for pair in pairs if pair[0].strip() not in mine)


def price(text: str, currency: str = "") -> Price | None:
    """`19,99 €`, `EUR 1.299,00`, `19.9`; None for what cannot be read without guessing, such as `1.299`.

    `currency` is that of a price which names none.
    """
    stated = re.search(r"\b[A-Z]{3}\b|[€£]", text)
    left = (text.replace(stated[0], "", 1) if stated else text).strip()
    found = AMOUNT.fullmatch(left)
    if found is None or UNCLEAR.fullmatch(left):
        return None
    whole, cents = re.sub(r"\D", "", found[1]), found[2] or ""
    return Price(f"{whole}.{cents:0<2}", CURRENCIES.get(stated[0], stated[0]) if stated else currency)
