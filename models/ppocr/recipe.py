"""What a PP-OCR reader is made of."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from models.checkpoint import checkpoint
from models.errors import PackError
from models.from_pack import FromPack
from models.hardware import hardware
from models.manifest import Part
from models.ppocr.numbers import PpocrNumbers

if TYPE_CHECKING:
    from models.ppocr.adapter import PpocrReader

FILES = ("config.json", "model.safetensors", "preprocessor_config.json")
DETECTOR = "detector"  # the adapter of the part that finds lines; without one they have to be known


class PpocrRecipe(FromPack):
    """A reader from a pack: transformers folders of a text recogniser and, as its adapter, of a text detector."""

    kind: Literal["ppocr"] = "ppocr"

    def load(self) -> "PpocrReader":
        """Raises PackError when the manifest or a file is missing."""
        from models.ppocr.adapter import PpocrReader

        part, folder = checkpoint(self.pack, "reader", FILES)
        device, dtype = hardware(self.device, self.threads, part)
        return PpocrReader(folder, self._detector(part), PpocrNumbers.model_validate(part.options), device, dtype)

    def _detector(self, part: Part) -> Path | None:
        if DETECTOR not in part.adapters:
            return None
        folder = self.pack / part.adapters[DETECTOR].path
        missing = [file for file in FILES if not (folder / file).is_file()]
        if missing:
            raise PackError(f"the reader's detector in {folder} lacks {', '.join(missing)}; `vitrine doctor` says more")
        return folder
