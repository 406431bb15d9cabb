"""A folder of content-addressed files: a name is the SHA-256 of what it holds, and a file is whole or not there."""

import hashlib
import os
import re
import secrets
import time
from pathlib import Path

STALE_SECONDS = 24 * 3600.0  # a temporary file this old belongs to a process that was killed
SHA256 = re.compile(r"[0-9a-f]{64}")


class Objects:
    """`put` is idempotent; `get` gives None for what is not there and for names that are no SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".*.part"):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                left.unlink(missing_ok=True)

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, content, self._folder)
        return digest

    def get(self, digest: str) -> bytes | None:
        if not SHA256.fullmatch(digest):
            return None
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def write_whole(path: Path, content: bytes, beside: Path | None = None) -> None:
    """Writes a file so that a kill or a power cut leaves the old content or the new one, never a part.

    `beside` is the folder of the temporary file, on the same file system; the file's own by default.
    """
    part = (beside or path.parent) / f".{secrets.token_hex(8)}.part"
    try:
        with part.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
