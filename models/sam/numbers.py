"""The numbers that a manifest gives with a checkpoint of this family."""

from pydantic import BaseModel, ConfigDict, Field


class SamNumbers(BaseModel):
    """The manifest's options of a segmenter: pictures per forward pass, and bytes of encoded pictures that are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    batch: int = Field(default=16, gt=0)
    cached_bytes: int = Field(default=256 * 1024**2, ge=0)  # 128 pictures of the huge model in 16 bit
