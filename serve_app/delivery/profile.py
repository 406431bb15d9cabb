"""What a marketplace asks of a picture: one dated rule pack each, read from `profiles/*.toml`."""

import datetime
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import VitrineError

FOLDER = Path(__file__).parent / "profiles"
Format = Literal["jpeg", "png", "webp", "avif", "tiff", "gif", "bmp"]
Ground = Literal["pure_white", "white", "light", "light_neutral", "light_grey"]
Synthesis = Literal["allowed", "secondary_only", "forbidden", "unknown"]
Confidence = Literal["published", "second-hand"]


class ProfileError(VitrineError):
    """There is no such profile, or its file breaks its own form."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(Frozen):
    """Bounds that belong to it; None is open."""

    least: float | None = None
    most: float | None = None

    def holds(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class Rules(Frozen):
    """Every rule that a machine can check; what is left out is no rule. Sides in pixels, shares of the picture."""

    formats: tuple[Format, ...] = ()
    bytes: Range | None = None
    width: Range | None = None
    height: Range | None = None
    shortest_side: Range | None = None
    longest_side: Range | None = None
    megapixels: Range | None = None
    aspect: tuple[float, float] | None = None  # width to height
    background: Ground | None = None
    fill_long: Range | None = None  # the product's box along the side that it fills more
    fill_area: Range | None = None  # the product's box
    colour_space: Literal["sRGB", "RGB"] | None = None
    nothing_beside: bool = False
    whole: bool = False
    sharp: bool = False
    plain_name: bool = False
    digital_source_type: bool = False
    pictures: Range | None = None  # of one variant


class Profile(Frozen):
    """A marketplace's pack: a file passes when no required rule fails; `synthesis`: pictures from text alone."""

    name: str
    title: str
    source_url: str = Field(pattern="^https://")
    checked_on: datetime.date
    confidence: Confidence
    synthesis: Synthesis
    required: Rules
    advised: Rules


def names() -> list[str]:
    """The profiles there are."""
    return sorted(path.name.removesuffix(".toml") for path in FOLDER.glob("*.toml"))


def known(name: str) -> str:
    """The name itself; raises ValueError that lists the known ones, as pydantic wants it."""
    if name not in names():
        raise ValueError(f"there is no profile {name!r}; there are {', '.join(names())}")
    return name


@cache
def profile(name: str) -> Profile:
    """The pack of one marketplace; raises ProfileError that lists the known ones."""
    try:
        known(name)
    except ValueError as error:
        raise ProfileError(str(error)) from None
    path = FOLDER / f"{name}.toml"
    try:
        return Profile(name=name, **tomllib.loads(path.read_text("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path} is not in the form of a profile: {error}") from None
