"""Source text cut at the borders of its claims, so that every word shows what it is evidence for."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

BULLET = re.compile(r"\s*\n\s*\t\s*")
BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the claims on it, the most specific first; `attributes` are their names without repeats."""

    text: str
    attributes: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


def pieces(text: str, claims: Iterable[dict[str, Any]]) -> list[Piece]:
    """`claims` with `start`, `end`, `attribute`, `value`; a span outside the text is left out."""
    spans = [claim for claim in claims if 0 <= claim["start"] < claim["end"] <= len(text)]
    spans.sort(key=lambda claim: claim["end"] - claim["start"])
    cuts = sorted({0, len(text), *(claim["start"] for claim in spans), *(claim["end"] for claim in spans)})
    found = []
    for start, end in itertools.pairwise(cuts):
        over = [claim for claim in spans if claim["start"] <= start and end <= claim["end"]]
        attributes = tuple(dict.fromkeys(str(claim["attribute"]) for claim in over))
        values = tuple(dict.fromkeys(f"{claim['attribute']}: {claim['value']}" for claim in over))
        found.append(Piece(_laid_out(text[start:end]), attributes, values))
    return found


def _laid_out(text: str) -> str:
    """Shop systems write a bullet as line break and tab, with blank lines between; readers want one line each."""
    return BREAK.sub("\n", BULLET.sub("\n\u2022 ", text))
