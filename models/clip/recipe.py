"""What a CLIP scorer is made of."""

from typing import TYPE_CHECKING, Literal

from models.checkpoint import checkpoint
from models.clip.numbers import ClipNumbers
from models.engines.choice import EngineChoice, Runtime
from models.from_pack import FromPack
from models.hardware import hardware

if TYPE_CHECKING:
    from models.clip.adapter import ClipScorer

FILES = ("open_clip_config.json", "open_clip_model.safetensors")


class ClipRecipe(FromPack):
    """A scorer from a pack: an open_clip folder (config, safetensors, tokenizer files unless the BPE is OpenAI's)."""

    kind: Literal["clip"] = "clip"
    engine: EngineChoice = "eager"

    def load(self) -> "ClipScorer":
        """Raises PackError when the manifest or a file is missing."""
        from models.clip.adapter import ClipScorer

        part, folder = checkpoint(self.pack, "scorer", FILES)
        runtime = Runtime(*hardware(self.device, self.threads, part), self.engine)
        return ClipScorer(folder, ClipNumbers.model_validate(part.options), runtime)
