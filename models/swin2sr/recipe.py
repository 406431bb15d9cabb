"""What a Swin2SR upscaler is made of."""

from typing import TYPE_CHECKING, Literal

from models.checkpoint import checkpoint
from models.from_pack import FromPack
from models.hardware import hardware
from models.swin2sr.numbers import Swin2SRNumbers

if TYPE_CHECKING:
    from models.swin2sr.adapter import Swin2SRUpscaler

FILES = ("config.json", "model.safetensors")


class Swin2SRRecipe(FromPack):
    """An upscaler from a pack: a transformers folder of a Swin2SRForImageSuperResolution."""

    kind: Literal["swin2sr"] = "swin2sr"

    def load(self) -> "Swin2SRUpscaler":
        """Raises PackError when the manifest or a file is missing, or the checkpoint has another scale."""
        from models.swin2sr.adapter import Swin2SRUpscaler

        part, folder = checkpoint(self.pack, "upscaler", FILES)
        device, dtype = hardware(self.device, self.threads, part)
        return Swin2SRUpscaler(folder, Swin2SRNumbers.model_validate(part.options), device, dtype)
