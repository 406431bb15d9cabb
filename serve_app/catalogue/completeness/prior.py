"""How likely articles look one way or another, before their listing has said so: shares from a dated file of counts."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from serve_app.catalogue.completeness.visible import (
    FOLDER,
    Attribute,
    audiences,
    has_usual,
    kind,
    look,
    usual,
    values,
)

ANY = "any"  # in place of a type or an audience that the prior does not depend on
SMOOTHING = 1.0  # article added to every count, so that what was never composed stays possible
LENT = 20.0  # articles that an audience borrows from its type; of the rarest type, 30 are counted per audience
Shares = Mapping[str, float]
Counts = Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]]


@cache
def counts() -> Counts:
    """attribute -> type -> audience -> value -> articles."""
    found: Counts = tomllib.loads((FOLDER / f"{kind().prior}.toml").read_text("utf-8"))["counts"]
    return found


@cache
def shares(attribute: Attribute, product_type: str | None = None, audience: str | None = None) -> Shares:
    """Value -> how likely, of an article of this type for these people; None stands for all of them.

    The counts of the type, one article added: half of it at the usual value, half spread evenly. Those of an audience
    (men, women, children), with 20 articles lent by the type.
    """
    given = kind().attributes[attribute].given
    of_type = product_type or ANY if "product_type" in given else ANY
    of_audience = look("audience", audience) if audience and "audience" in given else None
    base = counts().get(attribute, {}).get(of_type, {})
    whole = _smoothed(_added(base.values()), _pseudo(attribute, product_type), SMOOTHING)
    if of_audience is None:
        return MappingProxyType(whole)
    return MappingProxyType(_smoothed(base.get(of_audience, {}), whole, LENT))


def _added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for value, count in part.items():
            total[value] = total.get(value, 0) + count
    return total


def _pseudo(attribute: Attribute, product_type: str | None) -> dict[str, float]:
    """Where the added article stands."""
    can_be = values(attribute, product_type)
    standard = usual(attribute, product_type) if product_type and has_usual(attribute) else None
    even = (0.5 if standard in can_be else 1.0) / len(can_be)
    return {value: even + 0.5 * (value == standard) for value in can_be}


def _smoothed(counted: Mapping[str, int], toward: Mapping[str, float], weight: float) -> dict[str, float]:
    total = sum(counted.get(value, 0) for value in toward) + weight
    return {value: (counted.get(value, 0) + weight * share) / total for value, share in toward.items()}


@cache
def bits(attribute: Attribute, product_type: str | None, audience: str | None) -> float:
    """Entropy of how the attribute looks; where the type or the audience is open, the mean over what it may be."""
    given = kind().attributes[attribute].given
    if product_type is None and "product_type" in given:
        types = shares("product_type")
        return sum(share * bits(attribute, of, audience) for of, share in types.items())
    if product_type is not None and has_usual(attribute) and usual(attribute, product_type) is None:
        return 0.0
    if audience is None and "audience" in given:
        weights = _looks("audience", shares("audience"))
        return sum(weights[of] * bits(attribute, product_type, of) for of in audiences())
    return entropy(_looks(attribute, shares(attribute, product_type, audience)).values())


def chance(attribute: Attribute, wanted: Iterable[str], product_type: str | None, audience: str | None) -> float:
    """How likely the attribute has one of these values."""
    if product_type is None:
        types = shares("product_type")
        return sum(share * chance(attribute, wanted, of, audience) for of, share in types.items())
    if audience is None:
        weights = _looks("audience", shares("audience"))
        return sum(weights[of] * chance(attribute, wanted, product_type, of) for of in audiences())
    found = shares(attribute, product_type, audience)
    return sum(found.get(value, 0.0) for value in wanted)


def _looks(attribute: Attribute, found: Shares) -> dict[str, float]:
    together: dict[str, float] = {}
    for value, share in found.items():
        seen = look(attribute, value)
        together[seen] = together.get(seen, 0.0) + share
    return together


def entropy(probabilities: Iterable[float]) -> float:
    """Bits."""
    return -sum(p * math.log2(p) for p in probabilities if p > 0)
