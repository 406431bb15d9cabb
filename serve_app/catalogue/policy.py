"""Where a base colour is missing: ask, skip, take a neutral colour or several colourways; never guess."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.domain import Refusal
from models.vocabulary import vocabulary
from serve_app.catalogue.claims import Claim
from serve_app.catalogue.ledger import Ledger, extended
from serve_app.catalogue.lexicon import matcher
from serve_app.catalogue.prompts.template import Palette, template
from serve_app.catalogue.record import Question

SUGGESTIONS = 6  # answers that fit on one line of a question
MOST_COLOURWAYS = 12  # the palette's length
TEXTS = {
    "colours": {"de": "Welche Grundfarbe hat der Artikel?", "en": "Which base colour does the article have?"},
    "product_type": {"de": "Was für ein Kleidungsstück ist der Artikel?", "en": "What kind of garment is the article?"},
}
TYPES = ["t-shirt", "shirt", "blouse", "trousers", "dress", "jacket"]


@dataclass(frozen=True, slots=True)
class Policy:
    """How to treat a listing without a base colour; `count` is the number of colourways."""

    kind: Literal["ask", "skip", "neutral", "colourways"] = "ask"
    count: int = 1

    def __str__(self) -> str:
        return f"colourways={self.count}" if self.kind == "colourways" else self.kind


@dataclass(frozen=True, slots=True)
class Variant:
    """One picture's ledger; `suffix` extends the article id ("-dark-blue"), empty where the colour is stated."""

    ledger: Ledger
    suffix: str = ""


def parse(text: str) -> Policy:
    """ "ask", "skip", "neutral" or "colourways=N"; raises ValueError naming the value and what is allowed."""
    if text in ("ask", "skip", "neutral"):
        return Policy(text)  # type: ignore[arg-type]
    found = re.fullmatch(r"colourways=(\d{1,2})", text)
    if found and 1 <= int(found[1]) <= MOST_COLOURWAYS:
        return Policy("colourways", int(found[1]))
    raise ValueError(
        f"policy {text!r} is unknown; use ask, skip, neutral or colourways=N, N from 1 to {MOST_COLOURWAYS}"
    )


def complete(ledger: Ledger, policy: Policy, palette: Palette | None = None) -> list[Variant] | Question | Refusal:
    """The ledgers to photograph, the one question to answer first, or why the row is skipped."""
    palette = palette or template().palette
    typed = ledger.attributes.product_type is not None
    if typed and has_base(ledger):
        return [Variant(ledger)]
    if policy.kind == "ask":
        attribute = "colours" if typed else "product_type"
        suggestions = _free(ledger, palette.colourways)[:SUGGESTIONS] if typed else TYPES
        return Question(attribute=attribute, text=TEXTS[attribute], suggestions=suggestions)
    if not typed:
        return Refusal("no_product_type", "the listing names no product type; name it in the title")
    if policy.kind == "skip":
        return Refusal("no_base_colour", "the listing names no base colour and the policy is to skip; name the colour")
    return _house_colours(ledger, policy, palette)


def _house_colours(ledger: Ledger, policy: Policy, palette: Palette) -> list[Variant]:
    if policy.kind == "neutral":
        return [Variant(extended(ledger, [chosen(_free(ledger, palette.neutral)[0], "neutral")]))]
    free = _free(ledger, palette.colourways)[: policy.count]
    return [Variant(extended(ledger, [chosen(value, str(policy))]), f"-{value.replace(' ', '-')}") for value in free]


def has_base(ledger: Ledger) -> bool:
    """Whether the garment's own colour is stated; a contrast, a layer, a print or a choice of colours is none."""
    roles = [colour.role for colour in ledger.attributes.colours]
    return "base" in roles or ("unknown" in roles and not ledger.attributes.multi_colour_offer)


def chosen(colour: str, why: str) -> Claim:
    """A base colour that the house chose, as its claim."""
    return Claim("colours", colour, "policy", 0, len(why), why, "house", "base")


def answer(attribute: str, text: str) -> Claim | Refusal:
    """A seller's answer as a claim, understood in English or German; refused where the vocabulary does not hold it."""
    allowed = {"colours": set(vocabulary().colours), "product_type": set(vocabulary().types)}.get(attribute)
    if allowed is None:
        return Refusal("unknown_attribute", f"{attribute!r} cannot be answered; answer colours or product_type")
    plain = text.strip()
    value = plain.lower() if plain.lower() in allowed else None
    if value is None:
        found = [m.value for m in matcher().find("model_descr", plain) if m.section == attribute]
        value = found[0] if len(set(found)) == 1 else None
    if value is None:
        return Refusal(
            "unknown_answer", f"{plain[:40]!r} is no known value of {attribute}; choose one of the suggestions"
        )
    return Claim(attribute, value, "answer", 0, len(plain), plain, "seller", "base" if attribute == "colours" else None)


def answers(given: Mapping[str, str]) -> list[Claim] | Refusal:
    """The claims of all answers (attribute -> text), or why one cannot be taken."""
    claims = []
    for attribute, text in given.items():
        claim = answer(attribute, text)
        if isinstance(claim, Refusal):
            return claim
        claims.append(claim)
    return claims


def _free(ledger: Ledger, palette: tuple[str, ...]) -> list[str]:
    """The colours on offer, else palette colours that the listing does not already name for another part."""
    offered = [colour.value for colour in ledger.attributes.colours if colour.role == "unknown"]
    named = {colour.value for colour in ledger.attributes.colours}
    return offered or [value for value in palette if value not in named] or list(palette)
