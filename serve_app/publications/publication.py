"""A picture where shoppers see it, in one or several variants, and what they did."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["impression", "click", "conversion", "return", "report"]
Goal = Literal["click", "conversion"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Variant:
    """One picture of an article; `audience`: whom it is for, None for all; `share`: weight against its rivals."""

    name: str
    picture: str
    audience: str | None = None
    share: float = 1.0


def rivals(variants: Sequence[Variant], audience: str | None) -> list[Variant]:
    """Those that a shopper of an audience can see: made for it, or else made for all; of no audience, all of those."""
    own = [variant for variant in variants if audience is not None and variant.audience == audience]
    return own or [variant for variant in variants if variant.audience is None]


def assigned(publication: str, variants: Sequence[Variant], visitor: str) -> Variant:
    """The variant that a visitor sees, always the same one; over all visitors by the variants' shares."""
    digest = hashlib.sha256(f"{publication}\0{visitor}".encode()).digest()
    point = int.from_bytes(digest[:8]) / 2**64 * sum(variant.share for variant in variants)
    for variant in variants:
        point -= variant.share
        if point < 0:
            return variant
    return variants[-1]
