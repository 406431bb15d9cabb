"""The numbers that a manifest gives with a checkpoint of this family."""

from pydantic import BaseModel, ConfigDict, Field


class PpocrNumbers(BaseModel):
    """The manifest's options of a reader: lines per forward pass, and what of a detector's map is a line of text."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    batch: int = Field(default=16, gt=0)
    pixel_score: float = Field(default=0.3, gt=0, lt=1)  # of a pixel of text; all three as the family has it
    line_score: float = Field(default=0.6, gt=0, lt=1)  # the mean over a line's box
    grown: float = Field(default=1.5, ge=0)  # by area over perimeter: a detector sees the cores of lines
