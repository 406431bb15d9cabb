"""Whether the one question asks for what a listing lacks, and promises what its answer brings."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from models.domain import Refusal
from serve_app.catalogue import answers, completeness
from serve_app.catalogue.completeness.ambiguity import whole
from serve_app.catalogue.completeness.prior import bits, shares
from serve_app.catalogue.completeness.visible import ATTRIBUTES, Attribute, has_usual, look, usual
from serve_app.catalogue.ledger import Ledger, reconcile
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.catalogue.record import Completeness
from serve_app.evaluations.prior import composed, looks

LISTINGS = 400  # a standard error of .02 for the rate asked
AWAY = 1_000_003  # between the seeds of these articles and those that the prior was counted on


class Options(Protocol):
    """How many listings of which seed."""

    @property
    def count(self) -> int | None: ...
    @property
    def seed(self) -> int: ...


@dataclass(slots=True)
class Removed:
    """Listings that lost one attribute; `complete`: nothing else was worth a question, `asked`: for what was lost;
    `promised` and `raised`: the score that the answer was to bring and brought."""

    listings: int = 0
    complete: int = 0
    asked: int = 0
    asked_of_complete: int = 0
    promised: float = 0.0
    raised: float = 0.0

    def add(self, attribute: Attribute, whole_before: bool, poorer: Ledger, after: Completeness) -> None:
        """One listing without the attribute, and what was measured with the seller's answer."""
        before = completeness.measure(poorer)
        asked = before.question is not None and before.question.attribute == attribute
        self.listings += 1
        self.complete += whole_before
        self.asked += asked
        self.asked_of_complete += asked and whole_before
        self.promised += sum(one.bits for one in before.open if one.attribute == attribute) / whole(poorer)
        self.raised += after.score - before.score

    def figures(self) -> dict[str, float | int | None]:
        return {
            "listings": self.listings,
            "asked": _mean(self.asked, self.listings),
            "complete": self.complete,
            "asked_of_complete": _mean(self.asked_of_complete, self.complete),
            "promised": _mean(self.promised, self.listings),
            "raised": _mean(self.raised, self.listings),
        }


@dataclass(slots=True)
class Silent:
    """Articles whose listing does not say an attribute: the bits that were said to be open, and the surprise."""

    articles: int = 0
    open: float = 0.0
    surprise: float = 0.0


@dataclass(slots=True)
class Tally:
    removed: dict[Attribute, Removed] = field(default_factory=dict)
    silent: dict[Attribute, Silent] = field(default_factory=dict)


def evaluate(options: Options) -> dict[str, Any]:
    """Figures of composed listings, which the prior was not counted on."""
    rng, tally = np.random.default_rng(options.seed), Tally()
    for article, told in composed(options.seed + AWAY, options.count or LISTINGS):
        listing = Listing(told.name, told.description, told.model_name, told.model_descr)
        ledger = reconcile(listing)
        _notice(tally, ledger, looks(article))
        removable = list(_removable(listing, ledger))
        if removable:
            attribute, poorer, after = removable[int(rng.integers(len(removable)))]
            complete = completeness.measure(ledger).question is None
            tally.removed.setdefault(attribute, Removed()).add(attribute, complete, poorer, after)
    every = Removed()
    for one in tally.removed.values():
        for name in Removed.__slots__:
            setattr(every, name, getattr(every, name) + getattr(one, name))
    return {
        "one attribute removed": every.figures(),
        "removed": {name: found.figures() for name, found in sorted(tally.removed.items())},
        "left unsaid": {
            name: {
                "articles": found.articles,
                "bits": _mean(found.open, found.articles),
                "surprise": _mean(found.surprise, found.articles),
            }
            for name, found in sorted(tally.silent.items())
        },
    }


def _removable(listing: Listing, ledger: Ledger) -> Iterator[tuple[Attribute, Ledger, Completeness]]:
    """Attributes whose words can be taken out without taking others with them, and what the answer then brings."""
    said = _said(ledger)
    for attribute, values in said.items():
        poorer = reconcile(_without(listing, ledger, attribute))
        if {name: value for name, value in said.items() if name != attribute} != _said(poorer):
            continue
        claims = answers.answer(attribute, values[0])
        if len(values) == 1 and not isinstance(claims, Refusal):
            cut = _without(listing, ledger, attribute)
            yield attribute, poorer, completeness.measure(reconcile(cut, answers=claims))


def _said(ledger: Ledger) -> dict[Attribute, list[str]]:
    """What the listing settles of what a picture shows."""
    found: dict[Attribute, list[str]] = {}
    for attribute in ATTRIBUTES:
        claims = [claim for claim in ledger.of(attribute) if claim.role in (None, "base", "unknown")]
        if claims:
            found[attribute] = list(dict.fromkeys(claim.value for claim in claims))
    return found


def _without(listing: Listing, ledger: Ledger, attribute: Attribute) -> Listing:
    """The listing without the words that the attribute's claims rest on."""
    texts: dict[str, str] = {column: getattr(listing, column) for column in COLUMNS}
    spans = {(claim.column, claim.start, claim.end) for claim in ledger.of(attribute) if claim.column in texts}
    for column, start, end in sorted(spans, reverse=True):
        texts[column] = texts[column][:start] + texts[column][end:]
    return Listing(**texts)


def _notice(tally: Tally, ledger: Ledger, true: Mapping[Attribute, str]) -> None:
    """How surprising the attributes are that the listing leaves out."""
    stated = ledger.attributes
    kind_of, who = stated.product_type, stated.audience
    if kind_of is None or who is None:
        return
    for attribute, value in true.items():
        if not has_usual(attribute) or usual(attribute, kind_of) is None or getattr(stated, attribute):
            continue
        found = shares(attribute, kind_of, who)
        likely = sum(share for other, share in found.items() if look(attribute, other) == look(attribute, value))
        one = tally.silent.setdefault(attribute, Silent())
        one.articles += 1
        one.open += bits(attribute, kind_of, who)
        one.surprise -= math.log2(likely)


def _mean(total: float, count: int) -> float | None:
    return round(total / count, 4) if count else None
