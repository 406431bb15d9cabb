"""Rows become articles: equal rows are one article, and rows that cannot be asked for are known from the start."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from models.domain import Refusal
from serve_app.catalogue.intake import listing_of
from serve_app.catalogue.listing import Listing, seed_for
from serve_app.catalogue.record import Fault, Record, SourceRow, Status
from serve_app.runs.options import RunOptions
from serve_app.sheets.rows import COLUMNS, Cell, Row


@dataclass(slots=True)
class Article:
    """A distinct listing with every row that holds it; `fault` is set where there is nothing to ask the service for."""

    listing: Listing
    article_id: str
    rows: list[SourceRow] = field(default_factory=list)
    fault: Fault | None = None

    def columns(self) -> dict[str, str]:
        return dict(self.listing.columns())


def distinct(rows: Iterable[Row]) -> list[Article]:
    """Articles in the order of their first row."""
    found: dict[str, Article] = {}
    for row in rows:
        listing, fault = _listing(row)
        article = found.setdefault(listing.article_id, Article(listing, listing.article_id, fault=fault))
        article.rows.append(SourceRow(file=row.file, row=row.row))
    return list(found.values())


def without_picture(article: Article, options: RunOptions, status: Status, fault: Fault) -> dict[str, Any]:
    """The record of an article that the service gave none for."""
    record = Record(
        article_id=article.article_id,
        source=article.columns(),
        original_description=article.listing.description,
        seed=seed_for(options.seed, article.article_id),
        run_seed=options.seed,
        adapter=options.adapter,
        policy=options.policy,
        status=status,
        rejection=fault if status == "rejected" else None,
        failure=fault if status == "failed" else None,
    )
    return record.model_dump(mode="json")


def _listing(row: Row) -> tuple[Listing, Fault | None]:
    """The listing of a row; one that cannot be read keeps what it holds, as text, beside the reason."""
    cells = {column: _plain(value) for column, value in zip(COLUMNS, row.values, strict=True)}
    listing = listing_of(cells)
    if row.fault is not None:
        fault = Fault(code="broken_row", reason=f"{row.fault}; correct the row and run again")
    elif isinstance(listing, Refusal):
        fault = Fault(code=listing.code, reason=listing.reason)
    else:
        return listing, None
    return Listing(*(value if isinstance(value, str) else repr(value) for value in cells.values())), fault


def _plain(value: Cell) -> Cell:
    # To a spreadsheet a model number is a number; all its digits belong to the listing.
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
