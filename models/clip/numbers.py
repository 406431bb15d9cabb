"""The numbers that a manifest gives with a checkpoint of this family."""

from pydantic import BaseModel, ConfigDict, Field


class ClipNumbers(BaseModel):
    """The manifest's options of a scorer; `scale` turns a cosine into the score that thresholds are stated in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    scale: float = 100.0
    context: int = Field(default=77, gt=2)
    cached_texts: int = Field(default=4096, ge=0)  # captions and their rivals; 3 KB each for the large model
