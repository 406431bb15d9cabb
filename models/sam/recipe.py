"""What a SAM segmenter is made of."""

from typing import TYPE_CHECKING, Literal

from models.checkpoint import checkpoint
from models.engines.choice import EngineChoice, Runtime
from models.from_pack import FromPack
from models.hardware import hardware
from models.sam.numbers import SamNumbers

if TYPE_CHECKING:
    from models.sam.adapter import SamSegmenter

FILES = ("config.json", "model.safetensors")  # the processor has one of two names, by the version that saved it


class SamRecipe(FromPack):
    """A segmenter from a pack: a transformers folder of a SamModel and its processor."""

    kind: Literal["sam"] = "sam"
    engine: EngineChoice = "eager"

    def load(self) -> "SamSegmenter":
        """Raises PackError when the manifest or a file is missing."""
        from models.sam.adapter import SamSegmenter

        part, folder = checkpoint(self.pack, "segmenter", FILES)
        runtime = Runtime(*hardware(self.device, self.threads, part), self.engine)
        return SamSegmenter(folder, SamNumbers.model_validate(part.options), runtime)
