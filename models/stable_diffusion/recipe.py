"""What a Stable Diffusion retoucher is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from models.checkpoint import checkpoint
from models.domain import ControlKind
from models.engines.choice import EngineChoice, Runtime
from models.errors import PackError
from models.from_pack import FromPack
from models.hardware import hardware
from models.manifest import Part
from models.stable_diffusion.numbers import StableDiffusionNumbers

if TYPE_CHECKING:
    from models.stable_diffusion.adapter import StableDiffusionRetoucher

FILES = (
    "scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json", "text_encoder/config.json",
    "unet/config.json",
)  # fmt: skip


class StableDiffusionRecipe(FromPack):
    """A retoucher from a pack: the folder of an inpainting pipeline, and a ControlNet per kind of control.

    The ControlNets are the part's `adapters`, named by their kind; several kinds may name the same folder.
    """

    kind: Literal["stable-diffusion"] = "stable-diffusion"
    engine: EngineChoice = "eager"

    def load(self) -> "StableDiffusionRetoucher":
        """Raises PackError when the manifest, a file or a ControlNet is missing or does not fit the others."""
        from models.stable_diffusion.adapter import StableDiffusionRetoucher
        from models.stable_diffusion.modules import Folders

        part, folder = checkpoint(self.pack, "retoucher", FILES)
        numbers = StableDiffusionNumbers.model_validate(part.options)
        autoencoder = folder / "vae" if numbers.autoencoder is None else self.pack / numbers.autoencoder
        if not (autoencoder / "config.json").is_file():
            raise PackError(f"the retoucher's autoencoder {autoencoder} lacks config.json; restore it")
        folders = Folders(folder, autoencoder, self._controlnets(part), numbers.variant)
        runtime = Runtime(*hardware(self.device, self.threads, part), self.engine)
        return StableDiffusionRetoucher(folders, numbers, runtime)

    def _controlnets(self, part: Part) -> dict[ControlKind, Path]:
        unknown = sorted(set(part.adapters) - set(get_args(ControlKind)))
        if unknown:
            raise PackError(f"{unknown} are no kinds of control; a retoucher's adapters are {get_args(ControlKind)}")
        found = {kind: self.pack / part.adapters[kind].path for kind in get_args(ControlKind) if kind in part.adapters}
        missing = [str(path) for path in found.values() if not (path / "config.json").is_file()]
        if missing:
            raise PackError(f"ControlNets are missing: {', '.join(missing)}; restore them or edit the manifest")
        return found
