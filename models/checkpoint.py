"""From a pack folder and a part's name to the checkpoint's files, or to the command that fetches them."""

from collections.abc import Sequence
from pathlib import Path

from models.errors import PackError
from models.manifest import Manifest, Part

UNPINNED = "unpinned"  # a manifest's revision that nobody has fixed yet
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
        raise PackError(f"{name} in {folder} lacks {', '.join(missing)}; {remedy(part, folder)}")
    return part, folder


def remedy(part: Part, folder: Path) -> str:
    """What to type to get a part's files into its folder."""
    if part.repository is None:
        return f"restore {folder} from the repository of this project"
    revision = f" --revision {part.revision}" if part.revision not in (None, UNPINNED) else ""
    return f"fetch it with: hf download {part.repository}{revision} --local-dir {folder}"
