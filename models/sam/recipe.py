"""What a SAM segmenter is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK, checkpoint
from models.sam.numbers import SamNumbers

if TYPE_CHECKING:
    from models.sam.adapter import SamSegmenter

FILES = ("config.json", "model.safetensors")  # the processor has one of two names, by the version that saved it


class SamRecipe(BaseModel):
    """A segmenter from a pack: a transformers folder of a SamModel and its processor."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["sam"] = "sam"
    pack: Path = STARTER_PACK
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = Field(None, ge=1)

    def load(self) -> "SamSegmenter":
        """Raises PackError when the manifest or a file is missing."""
        import torch

        from models.sam.adapter import SamSegmenter

        part, folder = checkpoint(self.pack, "segmenter", FILES)
        if self.threads:
            torch.set_num_threads(self.threads)
        device = ("cuda" if torch.cuda.is_available() else "cpu") if self.device == "auto" else self.device
        # A CPU multiplies float32 faster than the 16 bits a checkpoint is stored in.
        dtype = torch.float32 if device == "cpu" else getattr(torch, part.dtype)
        return SamSegmenter(folder, SamNumbers.model_validate(part.options), torch.device(device), dtype)
