"""Closed vocabularies per kind of article, read from data files beside this module."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


class TypeEntry(BaseModel):
    """What a product type implies for pictures; a default is never a claim about the article."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    drawn_as: str
    default_sleeve: str | None = None
    default_neckline: str | None = None


class Vocabulary(BaseModel):
    """The words that attributes of one kind of article may take."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str
    version: int
    audiences: dict[str, str]
    types: dict[str, TypeEntry]
    colours: dict[str, Hex]
    colour_roles: tuple[str, ...]
    sleeves: tuple[str, ...]
    necklines: tuple[str, ...]
    patterns: tuple[str, ...]
    fits: tuple[str, ...]
    closures: tuple[str, ...]
    lengths: tuple[str, ...]
    phrases: dict[str, str]

    def rgb(self, colour: str) -> tuple[int, int, int]:
        """sRGB of a colour's reference swatch, 0-255."""
        digits = self.colours[colour].removeprefix("#")
        red, green, blue = bytes.fromhex(digits)
        return red, green, blue

    def phrase(self, value: str) -> str:
        """A value as prompts say it ("crew" -> "crew neck"); one without a phrase of its own is said as it is."""
        return self.phrases.get(value, value)


@cache
def vocabulary(kind: str = "apparel") -> Vocabulary:
    """The vocabulary of a kind; raises FileNotFoundError when no such data file exists."""
    return Vocabulary.model_validate(tomllib.loads((Path(__file__).parent / f"{kind}.toml").read_text("utf-8")))
