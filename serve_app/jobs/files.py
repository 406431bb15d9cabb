"""Files that are whole or not there, whatever happens to the process or the power."""

import os
import secrets
from pathlib import Path


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
    sync(path.parent)


def sync(path: Path) -> None:
    """Makes a file's content, or a folder's list of names, outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
