"""From a pack folder and a part's name to the checkpoint's files, or to the command that fetches them."""

from collections.abc import Sequence
from pathlib import Path

from models.errors import PackError
from models.manifest import Manifest, Part

STARTER_PACK = Path(__file__).parent / "starter" / "pack"


def checkpoint(pack: Path, name: str, files: Sequence[str]) -> tuple[Part, Path]:
    """The manifest's entry of a part and its folder; raises PackError unless all `files` lie there."""
    manifest = Manifest.read(pack / "manifest.toml")
    part = manifest.parts.get(name)
    if part is None:
        raise PackError(f"pack {manifest.pack!r} in {pack} has no part {name!r}; it has {sorted(manifest.parts)}")
    folder = pack / part.path
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        raise PackError(f"{name} in {folder} lacks {', '.join(missing)}; {_remedy(part, folder)}")
    return part, folder


def _remedy(part: Part, folder: Path) -> str:
    if part.repository is None:
        return f"restore {folder} from the repository of this project"
    revision = f" --revision {part.revision}" if part.revision else ""
    return f"fetch it with: hf download {part.repository}{revision} --local-dir {folder}"
