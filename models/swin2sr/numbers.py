"""The numbers that a manifest gives with a checkpoint of this family."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Swin2SRNumbers(BaseModel):
    """The manifest's options of an upscaler; `scale`: how many times as large its pictures become.

    `tile`: side in pixels of what is enlarged in one piece, `overlap`: what neighbouring tiles share, both multiples of
    the checkpoint's window; `batch`: tiles per forward pass; `largest_side` of a picture, in pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    scale: int = Field(default=2, ge=2, le=8)
    tile: int = Field(default=256, ge=16)
    overlap: int = Field(default=32, ge=0)
    batch: int = Field(default=4, gt=0)
    largest_side: int = Field(default=3000, gt=0)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if 2 * self.overlap >= self.tile:
            raise ValueError(f"an overlap of {self.overlap} leaves nothing of a tile of {self.tile}; halve it")
        return self
