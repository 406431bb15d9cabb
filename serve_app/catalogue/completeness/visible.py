"""What a picture of an article shows: which types have an attribute, what it can be, how one asks for it."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from models.vocabulary import vocabulary
from serve_app.catalogue.lexicon import matcher
from serve_app.catalogue.prompts.template import template

Attribute = Literal[
    "audience", "closure", "colours", "fit", "length", "motif", "neckline", "pattern", "product_type", "sleeve"
]
ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)
EVERY_TYPE = "*"
FOLDER = Path(__file__).parent


class Visible(BaseModel):
    """One attribute, as the data file beside this module explains it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: dict[str, str]
    given: tuple[Literal["product_type", "audience"], ...] = ()
    usual: dict[str, str] = Field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    alike: tuple[tuple[str, ...], ...] = ()
    also: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    named: dict[str, str] = Field(default_factory=dict)
    printed: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()


class Kind(BaseModel):
    """The attributes of a kind of article and the prior that belongs to them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str
    prior: str
    attributes: dict[Attribute, Visible]


@cache
def kind(name: str = "apparel") -> Kind:
    """The data file of a kind; raises FileNotFoundError when there is none."""
    return Kind.model_validate(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")))


@cache
def values(attribute: Attribute, product_type: str | None = None) -> tuple[str, ...]:
    """What the attribute can be, in the vocabulary's order; of this type where it is narrower."""
    narrower = kind().attributes[attribute].values.get(product_type or "")
    if narrower:
        return narrower
    if attribute == "motif":
        unseen = template().unseen.motifs
        return tuple(value for value in matcher().sections["motif"] if value not in unseen)
    known = vocabulary()
    closed = {
        "audience": known.audiences, "closure": known.closures, "colours": known.colours, "fit": known.fits,
        "length": known.lengths, "neckline": known.necklines, "pattern": known.patterns, "product_type": known.types,
        "sleeve": known.sleeves,
    }  # fmt: skip
    return tuple(closed[attribute])


def usual(attribute: Attribute, product_type: str) -> str | None:
    """What an article of the type shows where nothing else is said; None where the type has no such thing."""
    if attribute in ("sleeve", "neckline"):
        entry = vocabulary().types[product_type]
        return entry.default_sleeve if attribute == "sleeve" else entry.default_neckline
    stated = kind().attributes[attribute].usual
    return stated.get(product_type, stated.get(EVERY_TYPE))


def has_usual(attribute: Attribute) -> bool:
    """Whether silence about the attribute means something: that it is as usual."""
    return attribute in ("sleeve", "neckline") or bool(kind().attributes[attribute].usual)


@cache
def look(attribute: Attribute, value: str) -> str:
    """The value that stands for all that one picture shows alike."""
    if attribute == "product_type":
        return vocabulary().types[value].drawn_as
    return next((group[0] for group in kind().attributes[attribute].alike if value in group), value)


def audiences() -> tuple[str, ...]:
    """The audiences that a picture tells apart."""
    return tuple(dict.fromkeys(look("audience", value) for value in values("audience")))
