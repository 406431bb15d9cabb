"""Where a base colour is missing: ask, skip, take a neutral colour or several colourways; never guess."""

import re
from dataclasses import dataclass
from typing import Literal

from models.domain import Refusal
from serve_app.catalogue import completeness
from serve_app.catalogue.claims import Claim
from serve_app.catalogue.ledger import Ledger, extended
from serve_app.catalogue.prompts.template import Palette, template
from serve_app.catalogue.record import Question

MOST_COLOURWAYS = 12  # the palette's length


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
    missing = completeness.blocking(ledger)
    if missing is None:
        return [Variant(ledger)]
    if policy.kind == "ask":
        return completeness.question(ledger, missing, palette)
    if missing == "product_type":
        return Refusal("no_product_type", "the listing names no product type; name it in the title")
    if policy.kind == "skip":
        return Refusal("no_base_colour", "the listing names no base colour and the policy is to skip; name the colour")
    return _house_colours(ledger, policy, palette)


def _house_colours(ledger: Ledger, policy: Policy, palette: Palette) -> list[Variant]:
    if policy.kind == "neutral":
        return [Variant(extended(ledger, [chosen(_free(ledger, palette.neutral)[0], "neutral")]))]
    free = _free(ledger, palette.colourways)[: policy.count]
    return [Variant(extended(ledger, [chosen(value, str(policy))]), f"-{value.replace(' ', '-')}") for value in free]


def chosen(colour: str, why: str) -> Claim:
    """A base colour that the house chose, as its claim."""
    return Claim("colours", colour, "policy", 0, len(why), why, "house", "base")


def _free(ledger: Ledger, palette: tuple[str, ...]) -> list[str]:
    """The colours on offer, else palette colours that the listing does not already name for another part."""
    offered = [colour.value for colour in ledger.attributes.colours if colour.role == "unknown"]
    named = {colour.value for colour in ledger.attributes.colours}
    return offered or [value for value in palette if value not in named] or list(palette)
