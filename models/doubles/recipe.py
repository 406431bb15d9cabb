"""Recipes of the doubles. `refuse`: texts that contain it are refused; `crash`: they raise; `delay_s`: per batch."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.doubles.language import Lookup, WordByWord
from models.doubles.vision import Draughtsman, Palette, Threshold


class Double(BaseModel):
    """What all doubles share."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["double"] = "double"
    seed: int = 0
    delay_s: float = Field(default=0.0, ge=0.0, le=60.0)
    refuse: str | None = None
    crash: str | None = None


class TranslatorDouble(Double):
    """A word list of a few dozen German garment words."""

    def load(self) -> WordByWord:
        return WordByWord(self.delay_s, self.refuse, self.crash)


class ExtractorDouble(Double):
    """Words of the vocabulary that stand in the English text."""

    def load(self) -> Lookup:
        return Lookup(self.delay_s, self.refuse, self.crash)


class RendererDouble(Double):
    """A flat shirt in the prompt's first colour on pure white."""

    def load(self) -> Draughtsman:
        return Draughtsman(self.delay_s, self.refuse, self.crash, self.seed)


class ScorerDouble(Double):
    """Share of the article in the text's colour, with a little seeded noise."""

    def load(self) -> Palette:
        return Palette(self.delay_s, self.refuse, self.crash, self.seed)


class SegmenterDouble(Double):
    """Everything that is not white."""

    def load(self) -> Threshold:
        return Threshold(self.delay_s)
