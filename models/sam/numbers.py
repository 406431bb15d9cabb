"""The numbers that a manifest gives with a checkpoint of this family."""

from pydantic import BaseModel, ConfigDict, Field


class SamNumbers(BaseModel):
    """The manifest's options of a segmenter: pictures per forward pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    batch: int = Field(default=16, gt=0)
