"""Reads a picture that a user sent through a child process, so that a hostile one costs that process and not this."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

import serve_app
from models.domain import Pixels
from serve_app.uploads import limits
from serve_app.uploads.errors import PictureError

MODULE = "serve_app.uploads.child"
HEAD_BYTES = 4_096  # the child's first line
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """`pixels`: uint8 sRGB (height, width, 3); `alpha`: uint8 (height, width), 255 opaque, None if all is."""

    pixels: Pixels
    alpha: Pixels | None


def read(content: bytes) -> Upload:
    """A JPEG, PNG or WebP file, upright and in sRGB, without its metadata; raises PictureError. Blocks: use a thread.

    Of a JPEG with several pictures the first is read; animated PNG and WebP are refused.
    """
    if len(content) > limits.FILE_BYTES:
        raise PictureError("too_large", f"{len(content)} bytes, at most {limits.FILE_BYTES >> 20} MB are read")
    if not content.startswith((JPEG, PNG)) and (content[:4], content[8:12]) != (b"RIFF", b"WEBP"):
        raise PictureError("not_a_picture", "the file is no JPEG, PNG or WebP; save the picture as one of them")
    with _child() as (process, late):
        assert process.stdin is not None
        assert isinstance(process.stdout, BufferedReader)
        with suppress(BrokenPipeError):
            process.stdin.write(content)
        with suppress(BrokenPipeError):
            process.stdin.close()
        return _upload(process.stdout) or _dead(process, late)


@contextmanager
def _child() -> Iterator[tuple[subprocess.Popen[bytes], threading.Event]]:
    late = threading.Event()
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(Path(serve_app.__file__).parent.parent), "LC_ALL": "C.UTF-8"},
    ) as process:
        timer = threading.Timer(limits.SECONDS, _stop, (process, late))
        timer.daemon = True
        timer.start()
        try:
            yield process, late
        finally:
            timer.cancel()
            process.kill()


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _upload(out: BufferedReader) -> Upload | None:
    """What the child says, or None when it died before it had said all; not trusted to keep its limits."""
    head = _head(out.readline(HEAD_BYTES))
    if head is None:
        return None
    if "code" in head:
        raise PictureError(head["code"], head["message"])
    height, width = int(head["height"]), int(head["width"])
    if not 0 < height * width <= limits.PIXELS:
        return None
    pixels = np.empty((height, width, 3), np.uint8)
    alpha = np.empty((height, width), np.uint8) if head["alpha"] else None
    whole = all(_filled(out, plane) for plane in (pixels, alpha) if plane is not None)
    return Upload(pixels, alpha) if whole else None


def _head(line: bytes) -> dict[str, Any] | None:
    try:
        head: dict[str, Any] = json.loads(line)
    except ValueError:
        return None  # the half line of a process that died
    return head


def _filled(out: BufferedReader, plane: Pixels) -> bool:
    return out.readinto(plane.data.cast("B")) == plane.nbytes


def _dead(process: subprocess.Popen[bytes], late: threading.Event) -> Upload:
    code = process.wait()
    if late.is_set() or code == -signal.SIGXCPU:
        raise PictureError("too_slow", "the picture takes too long to decode; save it anew")
    memory = limits.MEMORY_BYTES >> 20
    raise PictureError("broken", f"the picture is damaged, or needs more than {memory} MB to decode; save it anew")
