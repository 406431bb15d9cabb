"""Prompt templates: versioned data files beside this module, one per kind of article and house."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Generation(BaseModel):
    """The detailed prompt; `house` are its fixed last fragments."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    lead: str
    joiner: str
    most_features: int
    negative: str
    house: dict[str, str]


class Scoring(BaseModel):
    """The short prompt; `tokens` is the scorer's context with both markers."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tokens: int


class Lettering(BaseModel):
    """How stated words and motifs are said; texts longer than `longest` characters are not repeated."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    plain: str
    quoted: str
    longest: int
    motif: str


class Unseen(BaseModel):
    """Values that no picture of one piece can show."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    features: frozenset[str]
    fits: frozenset[str]
    motifs: frozenset[str]


class Palette(BaseModel):
    """Colours that the house chooses where the listing and the seller name none, best first."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    neutral: tuple[str, ...]
    colourways: tuple[str, ...]


class Template(BaseModel):
    """One data file; `version` goes into the record, so that a prompt can be remade."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str
    version: str
    generation: Generation
    scoring: Scoring
    colours: dict[str, str]
    lettering: Lettering
    fabrics: dict[str, str]
    unseen: Unseen
    palette: Palette


@cache
def template(version: str = "apparel-v1") -> Template:
    """The template of a version; raises FileNotFoundError when no such data file exists."""
    return Template.model_validate(tomllib.loads((Path(__file__).parent / f"{version}.toml").read_text("utf-8")))
