"""What a FLUX renderer is made of."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from models.adapter_files import check_adapter
from models.checkpoint import checkpoint
from models.engines.choice import EngineChoice, Runtime
from models.errors import PackError
from models.flux.numbers import FluxNumbers
from models.from_pack import FromPack
from models.hardware import hardware
from models.manifest import Manifest, Part
from models.roles import Threads

if TYPE_CHECKING:
    from models.flux.adapter import FluxRenderer
    from models.flux.adapters import Checked

FILES = (
    "model_index.json", "scheduler/scheduler_config.json", "vae/config.json", "transformer/config.json",
    "text_encoder/config.json", "text_encoder_2/config.json",
)  # fmt: skip


class FluxRecipe(FromPack):
    """A renderer from a pack: a `FluxPipeline` folder, and the LoRAs that the manifest lists for it."""

    kind: Literal["flux"] = "flux"
    engine: EngineChoice = "eager"
    decoders: int = Field(default=1, ge=1, le=16)  # pictures decoded at once; a GPU is full with one, a core as well
    nice: int = Field(default=0, ge=0, le=19)  # of the threads that draw

    def load(self) -> "FluxRenderer":
        """Raises PackError when the manifest, a file of the pipeline or a LoRA is missing or may not be loaded."""
        from models.flux.adapter import FluxRenderer

        part, folder = checkpoint(self.pack, "renderer", FILES)
        checked = checked_adapters(self.pack, part, folder)
        runtime = Runtime(*hardware(self.device, self.threads, part), self.engine)
        numbers = FluxNumbers.model_validate(part.options)
        return FluxRenderer(folder, numbers, checked, runtime, Threads(self.decoders, self.nice))


def checked_adapters(pack: Path, part: Part, folder: Path) -> dict[str, "Checked"]:
    """The LoRAs that a manifest lists for a renderer in `folder`, each with its check, which it has passed.

    Raises PackError when one is missing or may not be loaded.
    """
    adapters = {name: pack / entry.path for name, entry in part.adapters.items()}
    missing = [str(file) for file in adapters.values() if not file.exists()]
    if missing:
        raise PackError(f"adapters of {folder} are missing: {', '.join(missing)}; restore them or edit the manifest")
    base = part.repository or Manifest.read(pack / "manifest.toml").pack
    checked: dict[str, Checked] = {
        name: (adapters[name], partial(check_adapter, adapters[name], entry, base, folder))
        for name, entry in part.adapters.items()
    }
    for _, check in checked.values():
        check()
    return checked
