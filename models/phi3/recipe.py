"""The extractor's recipe for Phi-3 checkpoints, tiny or production."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK, checkpoint
from models.hardware import Device, hardware
from models.phi3.numbers import Numbers

if TYPE_CHECKING:
    from models.phi3.adapter import Phi3

FILES = ("config.json", "tokenizer.json", "tokenizer_config.json")


class Phi3Recipe(BaseModel):
    """Listing to attributes by a `Phi3ForCausalLM` of the pack; `threads` None leaves torch's own choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["phi3"] = "phi3"
    pack: Path = STARTER_PACK
    device: Device = "auto"
    threads: int | None = Field(None, ge=1)

    def load(self) -> "Phi3":
        """Reads the checkpoint; raises PackError when files are missing."""
        from transformers import AutoTokenizer, Phi3ForCausalLM

        from models.phi3.adapter import Phi3

        part, folder = checkpoint(self.pack, "extractor", FILES)
        device, dtype = hardware(self.device, self.threads, part)
        model = Phi3ForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True, use_safetensors=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        return Phi3(model.eval().to(device), tokenizer, Numbers.model_validate(part.options))
