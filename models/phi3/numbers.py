"""The numbers that a manifest gives with a checkpoint of this family."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Numbers(BaseModel):
    """What the manifest says about a Phi-3 checkpoint; lengths in tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    prompt: Literal["compact", "full"]
    source_tokens: int = Field(ge=16)
    english_tokens: int = Field(ge=0)
    max_new_tokens: int = Field(ge=16)
    batch: int = Field(ge=1)
    vocabulary: str = "apparel"
