"""The translator's recipe for Marian checkpoints, tiny or production."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK, checkpoint
from models.hardware import Device, hardware
from models.marian.numbers import Numbers

if TYPE_CHECKING:
    from models.marian.adapter import Marian

FILES = ("config.json", "source.spm", "target.spm", "vocab.json")


class MarianRecipe(BaseModel):
    """German to English by a `MarianMTModel` of the pack; `threads` None leaves torch's own choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["marian"] = "marian"
    pack: Path = STARTER_PACK
    device: Device = "auto"
    threads: int | None = Field(None, ge=1)

    def load(self) -> "Marian":
        """Reads the checkpoint; raises PackError when files are missing."""
        from transformers import MarianMTModel, MarianTokenizer

        from models.marian.adapter import Marian

        part, folder = checkpoint(self.pack, "translator", FILES)
        device, dtype = hardware(self.device, self.threads, part)
        model = MarianMTModel.from_pretrained(folder, dtype=dtype, local_files_only=True, use_safetensors=True)
        tokenizer = MarianTokenizer.from_pretrained(folder, local_files_only=True)
        return Marian(model.eval().to(device), tokenizer, Numbers.model_validate(part.options))
