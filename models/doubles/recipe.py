"""Recipes of the doubles.

`refuse`: texts that contain it are refused; `crash`: they raise; `delay_s`: per batch; `journal`: a file that gets a
line per order, also from replicas that are killed over it; `weights`: a file without which nothing loads; `slowed`: a
file with the ids of processes whose renderer takes ten times as long.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.doubles.journal import Journal
from models.doubles.language import Lookup, WordByWord
from models.doubles.reading import Prompter
from models.doubles.retouching import Overpainter
from models.doubles.trouble import Trouble
from models.doubles.upscaling import Repeater
from models.doubles.vision import Draughtsman, Palette, Threshold


class Double(BaseModel):
    """What all doubles share."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["double"] = "double"
    seed: int = 0
    delay_s: float = Field(default=0.0, ge=0.0, le=60.0)
    refuse: str | None = None
    crash: str | None = None
    journal: Path | None = None
    weights: Path | None = None

    def trouble(self, role: str, delay_s: float | None = None) -> Trouble:
        """What was ordered for the double of a role, which may see to the delay itself; raises FileNotFoundError."""
        if self.weights is not None:
            self.weights.read_bytes()
        journal = None if self.journal is None else Journal(self.journal, role)
        return Trouble(self.delay_s if delay_s is None else delay_s, self.refuse, self.crash, journal)


class TranslatorDouble(Double):
    """A word list of a few dozen German garment words."""

    def load(self) -> WordByWord:
        return WordByWord(self.trouble("translator"))


class ExtractorDouble(Double):
    """Words of the vocabulary that stand in the English text."""

    def load(self) -> Lookup:
        return Lookup(self.trouble("extractor"))


class RendererDouble(Double):
    """A flat shirt in the prompt's first colour on pure white."""

    slowed: Path | None = None

    def load(self) -> Draughtsman:
        return Draughtsman(self.trouble("renderer", 0.0), self.seed, self.delay_s, self.slowed)


class ScorerDouble(Double):
    """Share of the article in the text's colour, with a little seeded noise."""

    def load(self) -> Palette:
        return Palette(self.trouble("scorer"), self.seed)


class SegmenterDouble(Double):
    """Everything that is not white."""

    def load(self) -> Threshold:
        return Threshold(self.trouble("segmenter"))


class RetoucherDouble(Double):
    """The prompt's first colour over what is painted."""

    def load(self) -> Overpainter:
        return Overpainter(self.trouble("retoucher"), self.seed)


class UpscalerDouble(Double):
    """Every pixel a square of two by two; one of another `scale` makes another square."""

    scale: int = Field(default=2, ge=2, le=8)

    def load(self) -> Repeater:
        return Repeater(self.trouble("upscaler"), self.scale)


class ReaderDouble(Double):
    """Every picture says `text`."""

    text: str = ""

    def load(self) -> Prompter:
        return Prompter(self.trouble("reader"), self.text)
