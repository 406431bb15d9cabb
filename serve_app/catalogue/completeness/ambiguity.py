"""Bits that a listing leaves open, attribute by attribute, and those of a listing that says nothing."""

import math

from serve_app.catalogue.completeness.prior import bits, chance
from serve_app.catalogue.completeness.visible import ATTRIBUTES, Attribute, kind, look
from serve_app.catalogue.ledger import Ledger

ALL_OVER = "all-over print"


def left_open(ledger: Ledger) -> dict[Attribute, float]:
    """Attribute -> bits, zero where it is settled or the type has no such thing.

    Where witnesses contradict each other, the choice between what they say is open, however likely each is otherwise.
    """
    return {attribute: _left(ledger, attribute) for attribute in ATTRIBUTES}


def whole(ledger: Ledger) -> float:
    """Bits of an article of the stated type for the stated people, of which nothing is said."""
    kind_of, who = ledger.attributes.product_type, ledger.attributes.audience
    return sum(_nothing_said(attribute, kind_of, who) for attribute in ATTRIBUTES)


def contested(ledger: Ledger, attribute: Attribute) -> list[str]:
    """The values between which the listing's own words leave the choice; empty where they agree or the seller said."""
    claims = ledger.of(attribute)
    rivals = [d.value for d in ledger.dropped if d.attribute == attribute and d.contested]
    if not rivals or any(claim.witness == "seller" for claim in claims):
        return []
    values = list(dict.fromkeys([*(c.value for c in claims if c.role in (None, "base")), *rivals]))
    return values if len({look(attribute, value) for value in values}) > 1 else []


def has_base(ledger: Ledger) -> bool:
    """Whether the garment's own colour is stated; a contrast, a layer, a print or a choice of colours is none."""
    roles = [colour.role for colour in ledger.attributes.colours]
    return "base" in roles or ("unknown" in roles and not ledger.attributes.multi_colour_offer)


def _left(ledger: Ledger, attribute: Attribute) -> float:
    claimed = {look(attribute, value) for value in contested(ledger, attribute)}
    if claimed:
        return math.log2(len(claimed))
    if _settled(ledger, attribute):
        return 0.0
    stated = ledger.attributes
    if attribute == "colours" and stated.multi_colour_offer:
        offered = {colour.value for colour in stated.colours if colour.role == "unknown"}
        if offered:
            return math.log2(len(offered))
    if attribute == "motif" and stated.pattern:
        return bits("motif", stated.product_type, stated.audience)
    return _nothing_said(attribute, stated.product_type, stated.audience)


def _settled(ledger: Ledger, attribute: Attribute) -> bool:
    stated = ledger.attributes
    if attribute == "colours":
        return has_base(ledger)
    if attribute == "motif":
        shown = stated.motif or stated.licensed_character or ledger.of("features", "lettering")
        return bool(shown) or not _prints_something(stated.pattern)
    return bool(getattr(stated, attribute))


def _prints_something(patterns: tuple[str, ...]) -> bool:
    """Whether there is, or may be, a print of which the patterns do not say what it shows."""
    motif = kind().attributes["motif"]
    placed = set(patterns) & (set(motif.printed) - {ALL_OVER})
    told = ALL_OVER not in patterns or bool(set(patterns) & set(motif.drawn))
    return not patterns or bool(placed) or not told


def _nothing_said(attribute: Attribute, product_type: str | None, audience: str | None) -> float:
    """What a print shows counts as often as there is a print."""
    found = bits(attribute, product_type, audience)
    if attribute != "motif":
        return found
    return found * chance("pattern", kind().attributes["motif"].printed, product_type, audience)
