"""Attributes against hand labels: precision, recall, F1 and exact rate per field, and every wrong row."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.domain import Attributes
from models.errors import VitrineError
from serve_app.catalogue.intake import listing_of
from serve_app.catalogue.ledger import Ledger, reconcile
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.catalogue.prompts import audit
from serve_app.sheets import find, read

FIELDS = ("audience", "product_type", "colours", "multi_colour_offer", "pattern", "sleeve", "neckline", "motif",
          "motif_text", "features", "materials", "non_visual_claims", "licensed_character", "brand")  # fmt: skip
TEXTS = ("motif", "motif_text", "brand")  # one value each, even with a semicolon in it
Reader = Callable[[Listing], Ledger]


@dataclass(slots=True)
class Score:
    """Counts of one field over articles: `n` articles, `exact` equal sets, values right, found and labelled."""

    n: int = 0
    exact: int = 0
    right: int = 0
    found: int = 0
    labelled: int = 0

    def add(self, found: set[str], labelled: set[str]) -> None:
        """One article."""
        self.n += 1
        self.exact += found == labelled
        self.right += len(found & labelled)
        self.found += len(found)
        self.labelled += len(labelled)

    def figures(self) -> dict[str, float | int]:
        """Rates; a field that nobody labelled and nothing filled counts as right."""
        return {
            "exact": _rate(self.exact, self.n),
            "precision": _rate(self.right, self.found),
            "recall": _rate(self.right, self.labelled),
            "f1": _rate(2 * self.right, self.found + self.labelled),
            "n": self.n,
            "labelled": self.labelled,
        }


@dataclass(slots=True)
class Tally:
    """Scores of all fields, the rows that differ, and colours that the labels do not hold."""

    fields: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in FIELDS})
    wrong: list[dict[str, Any]] = field(default_factory=list)
    invented: int = 0
    faults: list[dict[str, str]] = field(default_factory=list)


def evaluate(pairs: Sequence[tuple[Path, Path]], reader: Reader = reconcile) -> dict[str, Any]:
    """Figures of (sheet, labels) pairs; an article that stands in several rows or sheets counts once.

    Raises VitrineError where a sheet and its labels have different rows.
    """
    tally = Tally()
    for place, listing, labels in _articles(pairs):
        ledger = reader(listing)
        _score(tally, place, ledger.attributes, labels)
        tally.faults += [{"row": place, "fault": fault} for fault in audit.faults(listing, ledger)]
    fields = {name: score.figures() for name, score in tally.fields.items()}
    fields["colours"]["invented"] = tally.invented
    articles = tally.fields["product_type"].n
    return {"articles": articles, "fields": fields, "prompt_faults": tally.faults, "wrong": tally.wrong}


def _articles(pairs: Sequence[tuple[Path, Path]]) -> Iterator[tuple[str, Listing, dict[str, str]]]:
    seen: set[str] = set()
    for number, (sheet, labels) in enumerate(pairs, 1):
        rows, lines = list(listings(sheet)), _labels(labels)
        if len(rows) != len(lines):
            raise VitrineError(f"{sheet.name} has {len(rows)} rows and {labels.name} {len(lines)}; pair them in order")
        for row, (listing, line) in enumerate(zip(rows, lines, strict=True), 1):
            if listing.article_id not in seen:
                seen.add(listing.article_id)
                yield f"{number}:{row}", listing, line


def listings(sheet: Path) -> Iterator[Listing]:
    """A sheet's rows in order; raises VitrineError for one that no listing can be made of."""
    for file in find([sheet]):
        for row in read(file):
            listing = listing_of(dict(zip(COLUMNS, row.values, strict=True)))
            if not isinstance(listing, Listing):
                raise VitrineError(f"{sheet.name} row {row.row}: {listing.reason}")
            yield listing


def _labels(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _score(tally: Tally, place: str, attributes: Attributes, labels: dict[str, str]) -> None:
    for name in FIELDS:
        found, labelled = _merged(name, extracted(name, attributes)), _merged(name, _label(name, labels))
        tally.fields[name].add(found, labelled)
        if name == "colours":
            tally.invented += len(found - labelled)
        if found != labelled:
            tally.wrong.append({"row": place, "field": name, "found": sorted(found), "labelled": sorted(labelled)})


def extracted(name: str, attributes: Attributes) -> set[str]:
    """A field's values as the labels write them: colours without prints, features with fit, closure and length.

    The labels keep "plus size" in their notes, so it is left out of the features here.
    """
    if name == "colours":
        return {colour.value for colour in attributes.colours if colour.role != "print"}
    if name == "multi_colour_offer":
        return {"yes" if attributes.multi_colour_offer else "no"}
    if name == "licensed_character":
        return {f"yes: {attributes.licensed_character}" if attributes.licensed_character else "no"}
    if name == "features":
        cut = {attributes.fit, attributes.closure, attributes.length} - {"plus size", None}
        return {*attributes.features, *(value for value in cut if value)}
    value: str | tuple[str, ...] | None = getattr(attributes, name)
    return {value} if isinstance(value, str) else set(value or ())


def _label(name: str, labels: dict[str, str]) -> set[str]:
    text = labels.get(name, "")
    return {text} - {""} if name in TEXTS else {part.strip() for part in text.split(";")} - {""}


def _merged(name: str, values: Iterable[str]) -> set[str]:
    """Placed and unplaced prints are one; brands are compared without regard to case."""
    if name == "pattern":
        return {"print" if value == "placement print" else value for value in values}
    return {value.casefold() for value in values} if name == "brand" else set(values)


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0
