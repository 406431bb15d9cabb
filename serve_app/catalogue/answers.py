"""What a seller answers to a question, understood by the lexicon; as claims that beat every other witness."""

from collections.abc import Mapping
from typing import cast

from models.domain import ColourRole, Refusal
from models.vocabulary import vocabulary
from serve_app.catalogue.claims import Claim
from serve_app.catalogue.completeness.naming import named
from serve_app.catalogue.completeness.visible import ATTRIBUTES, Attribute, kind, usual, values
from serve_app.catalogue.ledger import SEVERAL, Ledger
from serve_app.catalogue.lexicon import fold, matcher, tokens

SHOWN = 40  # known values that a refusal lists; only subjects of prints are more
TOGETHER = frozenset({*SEVERAL, "motif"})  # attributes of which an answer may name several values
ENGLISH = "de"  # the lexicon that holds the trade's English words
DENIALS = frozenset({
    "kein", "keine", "keinen", "keinem", "keiner", "keines", "nicht", "ohne", "no", "not", "none", "without", "pas",
    "sans", "sin",
})  # fmt: skip


def understood(given: Mapping[str, str], language: str = "de") -> list[Claim] | Refusal:
    """The claims of all answers (attribute -> text), or why one cannot be taken."""
    claims: list[Claim] = []
    for attribute, text in given.items():
        found = answer(attribute, text, language)
        if isinstance(found, Refusal):
            return found
        claims += found
    return claims


def answer(attribute: str, text: str, language: str = "de") -> list[Claim] | Refusal:
    """One answer in the sheet's language or in English; refused where the vocabulary does not hold exactly what it
    says. Raises FileNotFoundError for a language without a lexicon."""
    if attribute not in ATTRIBUTES:
        known = ", ".join(ATTRIBUTES)
        return Refusal("unknown_attribute", f"{attribute!r} cannot be answered; answer one of: {known}")
    asked: Attribute = attribute
    plain = text.strip()
    readings = [
        _exact(asked, plain), _named(asked, plain), _read(asked, plain, language), _exact(asked, fold(plain)),
        _read(asked, plain, ENGLISH),
    ]  # fmt: skip
    clear = (said for said in readings if len(said) == 1 or (said and attribute in TOGETHER))
    if said := next(clear, []):
        role: ColourRole | None = "base" if attribute == "colours" else None
        return [Claim(attribute, value, "answer", 0, len(plain), plain, "seller", role) for value in said]
    several = ", ".join(next(filter(None, readings), []))
    can_be = values(asked)
    known = ", ".join(can_be[:SHOWN]) + (f" and {len(can_be) - SHOWN} more" if len(can_be) > SHOWN else "")
    wrong = f"names several ({several}); name one" if several else f"is no known value; known: {known}"
    return Refusal("unknown_answer", f"{attribute}: {plain[:40]!r} {wrong}")


def inapplicable(ledger: Ledger) -> Refusal | None:
    """The answer to something that an article of this type does not have, such as the sleeves of trousers."""
    product_type = ledger.attributes.product_type
    for claim in ledger.claims:
        if claim.witness == "seller" and product_type and claim.attribute in ("sleeve", "neckline"):
            attribute = cast("Attribute", claim.attribute)
            if usual(attribute, product_type) is None:
                reason = f"an article of the type {product_type!r} has no {attribute}; leave {claim.text[:40]!r} out"
                return Refusal("inapplicable_answer", reason)
    return None


def _exact(attribute: Attribute, text: str) -> list[str]:
    """The value as questions suggest it; "Shirt" is German and another garment than "shirt"."""
    return [text] if text in values(attribute) else []


def _named(attribute: Attribute, text: str) -> list[str]:
    """The value that is called so, beside its own word."""
    wanted, also = fold(text), kind().attributes[attribute].also
    for value in values(attribute):
        names = {vocabulary().phrase(value), *named(attribute, value).values(), *also.get(value, ())} - {value}
        if wanted in map(fold, names):
            return [value]
    return []


def _read(attribute: Attribute, text: str, language: str) -> list[str]:
    """Values that a lexicon finds, as in the buyer's column, where abbreviations count; "Frontdruck" is one print.

    Nothing where a word denies something ("not red"), unless it belongs to the value ("ohne Ärmel").
    """
    can_be = values(attribute)
    found = [match for match in matcher(language).find("model_descr", text) if match.section == attribute]
    for token in tokens(text):
        if token.word in DENIALS and not any(match.start <= token.start < match.end for match in found):
            return []
    said = [value for value in dict.fromkeys(match.value for match in found) if value in can_be]
    return [value for value in said if not (value == "print" and "placement print" in said)]
