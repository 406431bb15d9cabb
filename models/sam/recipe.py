"""What a SAM segmenter is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK, checkpoint
from models.engines.choice import EngineChoice, Runtime
from models.hardware import Device, hardware
from models.sam.numbers import SamNumbers

if TYPE_CHECKING:
    from models.sam.adapter import SamSegmenter

FILES = ("config.json", "model.safetensors")  # the processor has one of two names, by the version that saved it


class SamRecipe(BaseModel):
    """A segmenter from a pack: a transformers folder of a SamModel and its processor."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["sam"] = "sam"
    pack: Path = STARTER_PACK
    device: Device = "auto"
    threads: int | None = Field(None, ge=1)
    engine: EngineChoice = "eager"

    def load(self) -> "SamSegmenter":
        """Raises PackError when the manifest or a file is missing."""
        from models.sam.adapter import SamSegmenter

        part, folder = checkpoint(self.pack, "segmenter", FILES)
        runtime = Runtime(*hardware(self.device, self.threads, part), self.engine)
        return SamSegmenter(folder, SamNumbers.model_validate(part.options), runtime)
