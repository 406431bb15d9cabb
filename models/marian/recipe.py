"""The translator's recipe for Marian checkpoints, tiny or production."""

from typing import TYPE_CHECKING, Literal

from models.checkpoint import checkpoint
from models.from_pack import FromPack
from models.hardware import hardware
from models.marian.numbers import Numbers

if TYPE_CHECKING:
    from models.marian.adapter import Marian

FILES = ("config.json", "source.spm", "target.spm", "vocab.json")


class MarianRecipe(FromPack):
    """German to English by a `MarianMTModel` of the pack; `threads` None leaves the engine's own choice.

    `engine` "ctranslate2" runs it in 8 bit on the CPU.
    """

    kind: Literal["marian"] = "marian"
    engine: Literal["torch", "ctranslate2"] = "torch"

    def load(self) -> "Marian":
        """Reads the checkpoint; raises PackError when files are missing."""
        from transformers import MarianMTModel, MarianTokenizer

        from models.marian.adapter import Marian, Torch

        part, folder = checkpoint(self.pack, "translator", FILES)
        numbers = Numbers.model_validate(part.options)
        device, dtype = hardware("cpu" if self.engine == "ctranslate2" else self.device, self.threads, part)
        model = MarianMTModel.from_pretrained(folder, dtype=dtype, local_files_only=True, use_safetensors=True)
        model, tokenizer = model.eval().to(device), MarianTokenizer.from_pretrained(folder, local_files_only=True)
        if self.engine == "torch":
            return Marian(Torch(model, tokenizer, numbers.beams, numbers.max_tokens), tokenizer, numbers)
        from models.marian.int8 import Int8

        return Marian(Int8(model, tokenizer, numbers.beams, numbers.max_tokens, self.threads), tokenizer, numbers)
