"""A claim: one value of one attribute, who said it, and the very characters that say so."""

from dataclasses import dataclass
from typing import Literal

from models.domain import ColourRole
from serve_app.catalogue.lexicon import Match
from serve_app.catalogue.listing import SHORTHAND, Listing

Witness = Literal["lexicon", "shorthand", "llm", "seller", "house"]


@dataclass(frozen=True, slots=True)
class Claim:
    """`text` is what `column` holds from `start` to `end`; `column` is "answer" or "policy" outside the listing."""

    attribute: str
    value: str
    column: str
    start: int
    end: int
    text: str
    witness: Witness
    role: ColourRole | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value that was said but not kept, with the reason; `contested`: it contradicts what was kept as well as that
    contradicts it."""

    attribute: str
    value: str
    witness: Witness
    reason: str
    contested: bool = False


def claim(
    listing: Listing, match: Match, attribute: str = "", value: str = "", role: ColourRole | None = None
) -> Claim:
    """What a match says, as a claim of the decoder for its column."""
    span = (match.column, match.start, match.end)
    return spanned(listing, attribute or match.section, value or match.value, span, role)


def spanned(
    listing: Listing, attribute: str, value: str, span: tuple[str, int, int], role: ColourRole | None = None
) -> Claim:
    """A claim from (column, start, end)."""
    column, start, end = span
    witness: Witness = "shorthand" if column in SHORTHAND else "lexicon"
    return Claim(attribute, value, column, start, end, getattr(listing, column)[start:end], witness, role)
