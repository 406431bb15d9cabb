"""What a CLIP scorer is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK, checkpoint
from models.clip.numbers import ClipNumbers
from models.engines.choice import EngineChoice, Runtime
from models.hardware import Device, hardware

if TYPE_CHECKING:
    from models.clip.adapter import ClipScorer

FILES = ("open_clip_config.json", "open_clip_model.safetensors")


class ClipRecipe(BaseModel):
    """A scorer from a pack: an open_clip folder (config, safetensors, tokenizer files unless the BPE is OpenAI's)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["clip"] = "clip"
    pack: Path = STARTER_PACK
    device: Device = "auto"
    threads: int | None = Field(None, ge=1)
    engine: EngineChoice = "eager"

    def load(self) -> "ClipScorer":
        """Raises PackError when the manifest or a file is missing."""
        from models.clip.adapter import ClipScorer

        part, folder = checkpoint(self.pack, "scorer", FILES)
        runtime = Runtime(*hardware(self.device, self.threads, part), self.engine)
        return ClipScorer(folder, ClipNumbers.model_validate(part.options), runtime)
