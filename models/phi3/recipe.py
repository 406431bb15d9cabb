"""The extractor's recipe for Phi-3 checkpoints, tiny or production."""

from typing import TYPE_CHECKING, Literal

from models.checkpoint import checkpoint
from models.from_pack import FromPack
from models.hardware import hardware
from models.phi3.numbers import Numbers

if TYPE_CHECKING:
    from models.phi3.adapter import Phi3

FILES = ("config.json", "tokenizer.json", "tokenizer_config.json")


class Phi3Recipe(FromPack):
    """Listing to attributes by a `Phi3ForCausalLM` of the pack; `threads` None leaves torch's own choice."""

    kind: Literal["phi3"] = "phi3"

    def load(self) -> "Phi3":
        """Reads the checkpoint; raises PackError when files are missing."""
        from transformers import AutoTokenizer, Phi3ForCausalLM

        from models.phi3.adapter import Phi3

        part, folder = checkpoint(self.pack, "extractor", FILES)
        device, dtype = hardware(self.device, self.threads, part)
        model = Phi3ForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True, use_safetensors=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        return Phi3(model.eval().to(device), tokenizer, Numbers.model_validate(part.options))
