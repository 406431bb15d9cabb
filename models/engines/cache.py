"""The only folder that engines are loaded from: what this service built itself, checked by digest at every load."""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.engines.errors import EngineError
from models.engines.keys import EngineKey
from models.manifest import sha256_of

NOTE = "engine.json"
LEFT_AFTER_S = 6 * 3600  # a build that is older was killed: the longest, TensorRT over all of FLUX, takes an hour


@dataclass(frozen=True)
class Entry:
    """A built engine: its key's parts, what was measured when it was built, and the digests of its files."""

    folder: Path
    key: dict[str, Any]
    measured: dict[str, Any]
    files: dict[str, str]

    @property
    def bytes(self) -> int:
        return sum((self.folder / name).stat().st_size for name in self.files if (self.folder / name).is_file())

    @property
    def used(self) -> float:
        """When it was last loaded or built, seconds since 1970."""
        return (self.folder / NOTE).stat().st_mtime

    def fault(self) -> str | None:
        """Why it may not be loaded; None for an entry that is what was built."""
        there = {str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if not file.is_dir()} - {NOTE}
        if odd := there - set(self.files):
            return f"{sorted(odd)[0]} was not there when it was built"
        for name, digest in self.files.items():
            file = self.folder / name
            if name not in there or file.is_symlink():
                return f"{name} is missing or a link"
            if sha256_of(file) != digest:
                return f"{name} is not the file that was built"
        return None


class EngineCache:
    """`VITRINE_ENGINES`, by default `~/.cache/vitrine/engines`. Nobody but its owner may write there."""

    def __init__(self, folder: Path | None = None) -> None:
        chosen = folder or Path(os.environ.get("VITRINE_ENGINES") or Path.home() / ".cache" / "vitrine" / "engines")
        self.folder = chosen.expanduser().absolute()

    def find(self, key: EngineKey) -> Entry | None:
        """The sound entry of a key, or None; raises EngineError for one that may not be loaded."""
        folder = self.folder / key.name
        if not folder.exists():
            return None
        self._own(folder)
        entry = _read(folder)
        said = "its note is not readable" if entry is None else entry.fault()
        if entry is not None and entry.key != _plain(key):
            said = "its note names another key"
        if entry is None or said is not None:
            raise EngineError(f"{folder} is not loaded: {said}; remove it with `vitrine engines gc` and build it anew")
        with contextlib.suppress(OSError):  # a volume that this process may only read keeps no times
            os.utime(folder / NOTE)
        return entry

    def keep(self, key: EngineKey, build: Callable[[Path], dict[str, Any]]) -> Entry:
        """What `build` writes into an empty folder and measures, in one move; who comes second keeps the first's."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._own(self.folder)
        work = Path(tempfile.mkdtemp(prefix=".building-", dir=self.folder))
        try:
            measured = build(work)
            files = {str(file.relative_to(work)): sha256_of(file) for file in sorted(work.rglob("*")) if file.is_file()}
            note = {"key": _plain(key), "measured": measured, "files": files}
            (work / NOTE).write_text(json.dumps(note, indent=2), "utf-8")
            final = self.folder / key.name
            try:
                work.rename(final)
            except OSError:
                if not final.exists():
                    raise
            return Entry(final, **json.loads((final / NOTE).read_text("utf-8")))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def entries(self) -> Iterator[tuple[Path, Entry | None]]:
        """Every built engine's folder by name, with None for one whose note cannot be read."""
        if self.folder.is_dir():
            for folder in sorted(self.folder.iterdir()):
                if folder.is_dir() and "-" in folder.name and not folder.name.startswith("."):
                    yield folder, _read(folder)

    def sweep(self, unused_s: float, dry: bool = False) -> list[tuple[Path, str]]:
        """Removes what is damaged, unused for this long, or left by a killed build; what and why."""
        now = time.time()
        found: list[tuple[Path, str]] = []
        for folder, entry in self.entries():
            reason = "its note is not readable" if entry is None else entry.fault()
            if entry is not None and reason is None and now - entry.used > unused_s:
                reason = f"not used for {(now - entry.used) / 86400:.0f} days"
            if reason is not None:
                found.append((folder, reason))
        for folder in sorted(self.folder.glob(".building-*")):
            if now - folder.stat().st_mtime > LEFT_AFTER_S:
                found.append((folder, "a build that did not end"))
        for folder, _ in found if not dry else ():
            shutil.rmtree(folder)
        return found

    def _own(self, folder: Path) -> None:
        """An engine is code: raises EngineError for a folder that somebody else could have written."""
        for place in {folder, self.folder}:
            state = place.lstat()
            if place.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o022:
                raise EngineError(f"{place} is a link, not owned by this user or writable by others; chmod go-w it")


def _read(folder: Path) -> Entry | None:
    try:
        note = json.loads((folder / NOTE).read_text("utf-8"))
        return Entry(folder, dict(note["key"]), dict(note["measured"]), dict(note["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _plain(key: EngineKey) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(key)))
    return plain
