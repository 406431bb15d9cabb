"""How much of a picture a listing settles, and the one question whose answer settles most of what it leaves open.

The measure is bits: what is open about an attribute is the entropy of how articles of this type and audience look
where their listing does not say it. Attributes are taken as independent given type and audience, so bits add up, and an
answer takes away, on average, exactly those of its attribute.
"""

from serve_app.catalogue.completeness.ambiguity import contested, has_base, left_open, whole
from serve_app.catalogue.completeness.naming import named
from serve_app.catalogue.completeness.prior import shares
from serve_app.catalogue.completeness.visible import Attribute, kind
from serve_app.catalogue.ledger import Ledger
from serve_app.catalogue.prompts.template import Palette, template
from serve_app.catalogue.record import Completeness, OpenAttribute, Question, Suggestion

SUGGESTIONS = 6  # answers that fit on one line of a question
WORTH_ASKING = 0.5  # bits; below, the likeliest value is right in about 19 of 20 articles
RARE = 0.005  # share of answers that are not suggested: rounded to the percent, nothing
NAMED = 0.01  # bits from which on an attribute is listed as open


def measure(ledger: Ledger) -> Completeness:
    """The score (0: the listing settles nothing, 1: all), what is open, most first, and the one question, if any.

    score = 1 - open bits / bits of an article of this type and audience of which nothing is said.
    """
    bits = left_open(ledger)
    ranked = sorted((name for name in bits if bits[name] >= NAMED), key=lambda name: -bits[name])
    score = max(0.0, 1 - sum(bits.values()) / whole(ledger))
    return Completeness(
        score=round(score, 4),
        open=[
            OpenAttribute(attribute=name, bits=round(bits[name], 4), contested=contested(ledger, name))
            for name in ranked
        ],
        question=_one(ledger, bits, ranked),
    )


def blocking(ledger: Ledger) -> Attribute | None:
    """What no picture can be drawn without and the listing does not say: the type, then the base colour."""
    if ledger.attributes.product_type is None:
        return "product_type"
    return None if has_base(ledger) else "colours"


def question(ledger: Ledger, attribute: Attribute, palette: Palette | None = None) -> Question:
    """The question for an attribute, with the likeliest answers first."""
    suggested = _suggested(ledger, attribute, palette or template().palette)
    return Question(
        attribute=attribute,
        text=kind().attributes[attribute].text,
        suggestions=[one.value for one in suggested],
        suggested=suggested,
        removes=round(left_open(ledger)[attribute], 4),
    )


def _one(ledger: Ledger, bits: dict[Attribute, float], ranked: list[Attribute]) -> Question | None:
    asked = blocking(ledger) or next((name for name in ranked if bits[name] >= WORTH_ASKING), None)
    return None if asked is None else question(ledger, asked)


def _suggested(ledger: Ledger, attribute: Attribute, palette: Palette) -> list[Suggestion]:
    """Shares to the percent, as the prior's sample is that fine; where they are equal, the house's colours lead."""
    claimed = contested(ledger, attribute) or (_offered(ledger) if attribute == "colours" else [])
    stated = ledger.attributes
    if claimed:
        likely = dict.fromkeys(claimed, 1 / len(claimed))
    else:
        likely = dict(shares(attribute, stated.product_type, stated.audience))
    if attribute == "colours" and not claimed:
        elsewhere = {colour.value for colour in stated.colours}
        leading = [value for value in palette.colourways if value not in elsewhere]
        likely = {value: likely[value] for value in (*leading, *likely) if value not in elsewhere}
    ranked = sorted(likely, key=lambda value: -round(likely[value], 2))
    return [
        Suggestion(value=value, share=round(likely[value], 2), names=named(attribute, value))
        for value in ranked[:SUGGESTIONS]
        if likely[value] >= RARE
    ]


def _offered(ledger: Ledger) -> list[str]:
    """Colours that the listing offers as a choice."""
    return list(dict.fromkeys(colour.value for colour in ledger.attributes.colours if colour.role == "unknown"))


__all__ = ["blocking", "has_base", "measure", "question"]
