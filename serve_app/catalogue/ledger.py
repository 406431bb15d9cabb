"""The claim ledger: everything said about an article with its witness, and the attributes that follow from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.domain import Attributes, Colour, ColourRole
from serve_app.catalogue.attributes import stated
from serve_app.catalogue.claims import Claim, Dropped
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.proposal import supported
from serve_app.catalogue.reading import read

SINGLE = ("audience", "product_type", "sleeve", "neckline", "motif_text", "fit", "style", "closure", "length",
          "licensed_character", "brand")  # fmt: skip
SEVERAL = ("pattern", "features", "materials", "non_visual_claims")
ROLES: tuple[ColourRole, ...] = ("base", "unknown", "contrast", "layer", "print")


@dataclass(frozen=True, slots=True)
class Ledger:
    """`claims` are kept, several per value where several places say it; `dropped` lists what was said in vain."""

    attributes: Attributes
    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...] = ()

    def of(self, attribute: str, value: str | None = None) -> list[Claim]:
        """Claims of an attribute, or of one of its values."""
        return [c for c in self.claims if c.attribute == attribute and value in (None, c.value)]


def reconcile(
    listing: Listing,
    english: str = "",
    proposal: Attributes | None = None,
    answers: Sequence[Claim] = (),
    language: str = "de",
) -> Ledger:
    """The ledger of a listing: the seller's answers, the decoders, then what a model proposed and the source supports.

    `english` is the translation the proposal was made from; it is no evidence by itself.
    """
    reading = read(listing, language)
    claims, dropped = stated(reading)
    if proposal is not None:
        more, refused = supported(reading, proposal, claims)
        claims, dropped = [*claims, *more], [*dropped, *refused]
    claims, overruled = _answered(claims, answers)
    return settle(claims, [*dropped, *overruled])


def settle(claims: Iterable[Claim], dropped: Iterable[Dropped] = ()) -> Ledger:
    """A ledger from claims that agree."""
    kept = tuple(dict.fromkeys(claims))
    return Ledger(attributes(kept), kept, tuple(dict.fromkeys(dropped)))


def extended(ledger: Ledger, claims: Iterable[Claim]) -> Ledger:
    """The ledger with answers or house choices added; those replace what was said about the same attribute and role."""
    kept, overruled = _answered(list(ledger.claims), tuple(claims))
    return settle(kept, [*ledger.dropped, *overruled])


def _answered(claims: list[Claim], answers: Sequence[Claim]) -> tuple[list[Claim], list[Dropped]]:
    if not answers:
        return claims, []
    replaced = {(a.attribute, a.role) for a in answers}
    if ("colours", "base") in replaced:
        replaced.add(("colours", "unknown"))  # several colours without roles were the choice that is now made
    kept = [c for c in claims if (c.attribute, c.role) not in replaced]
    gone = [c for c in claims if (c.attribute, c.role) in replaced]
    values = {a.value for a in answers}
    lost = [Dropped(c.attribute, c.value, c.witness, "answered otherwise") for c in gone if c.value not in values]
    return [*answers, *kept], lost


def attributes(claims: Sequence[Claim]) -> Attributes:
    """What the claims say, first claim first; several motifs become one phrase."""
    first: dict[str, Any] = {name: next((c.value for c in claims if c.attribute == name), None) for name in SINGLE}
    several: dict[str, Any] = {name: _values(claims, name) for name in SEVERAL}
    motifs = list(_values(claims, "motif"))
    if not motifs and first["motif_text"]:
        motifs = ["lettering"]
    colours = dict.fromkeys(Colour(c.value, c.role or "unknown") for c in claims if c.attribute == "colours")
    return Attributes(
        colours=tuple(sorted(colours, key=lambda c: ROLES.index(c.role))),
        multi_colour_offer=any(c.attribute == "multi_colour_offer" for c in claims),
        motif=phrase(motifs) or None,
        **first,
        **several,
    )


def _values(claims: Sequence[Claim], attribute: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.value for c in claims if c.attribute == attribute))


def phrase(words: Sequence[str]) -> str:
    """ "cat", "cat and dog", "cat, dog and lizard"."""
    return " and ".join([*([", ".join(words[:-1])] if words[:-1] else []), *words[-1:]])
