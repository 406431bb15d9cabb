"""What a SAM segmenter is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK, checkpoint

if TYPE_CHECKING:
    from models.sam.adapter import SamSegmenter

FILES = ("config.json", "preprocessor_config.json", "model.safetensors")


class SamNumbers(BaseModel):
    """The manifest's options of a segmenter: pictures per forward pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    batch: int = Field(default=16, gt=0)


class SamRecipe(BaseModel):
    """A segmenter from a pack: a transformers folder of a SamModel and its processor."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["sam"] = "sam"
    pack: Path = STARTER_PACK
    device: str = "cpu"
    threads: int | None = None

    def load(self) -> "SamSegmenter":
        """Raises PackError when the manifest or a file is missing."""
        from models.sam.adapter import SamSegmenter

        part, folder = checkpoint(self.pack, "segmenter", FILES)
        return SamSegmenter(folder, SamNumbers.model_validate(part.options), part.dtype, self.device, self.threads)
