"""The numbers that a manifest gives with a checkpoint of this family."""

from pydantic import BaseModel, ConfigDict, Field


class Numbers(BaseModel):
    """What the manifest says about a Marian checkpoint; lengths in tokens unless named otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    source_language: str = "de"  # which lexicon and glossary read the listings
    max_tokens: int = Field(ge=8)
    beams: int = Field(1, ge=1, le=12)
    batch: int = Field(ge=1)
    cached_sentences: int = Field(ge=0)
    max_characters: int = Field(ge=1)
