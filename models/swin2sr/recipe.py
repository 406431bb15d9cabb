"""What a Swin2SR upscaler is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.checkpoint import STARTER_PACK, checkpoint
from models.hardware import Device, hardware
from models.swin2sr.numbers import Swin2SRNumbers

if TYPE_CHECKING:
    from models.swin2sr.adapter import Swin2SRUpscaler

FILES = ("config.json", "model.safetensors")


class Swin2SRRecipe(BaseModel):
    """An upscaler from a pack: a transformers folder of a Swin2SRForImageSuperResolution."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["swin2sr"] = "swin2sr"
    pack: Path = STARTER_PACK
    device: Device = "auto"
    threads: int | None = Field(None, ge=1)

    def load(self) -> "Swin2SRUpscaler":
        """Raises PackError when the manifest or a file is missing, or the checkpoint has another scale."""
        from models.swin2sr.adapter import Swin2SRUpscaler

        part, folder = checkpoint(self.pack, "upscaler", FILES)
        device, dtype = hardware(self.device, self.threads, part)
        return Swin2SRUpscaler(folder, Swin2SRNumbers.model_validate(part.options), device, dtype)
