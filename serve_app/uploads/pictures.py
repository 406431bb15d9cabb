"""Reads a picture that a user sent through a child process, so that a hostile one costs that process and not this."""

from dataclasses import dataclass
from io import BufferedReader

import numpy as np

from models.domain import Pixels
from serve_app.limited_child import Child, running
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


def read(content: bytes, side: int | None = None) -> Upload:
    """A JPEG, PNG or WebP file, upright and in sRGB, without its metadata; raises PictureError. Blocks: use a thread.

    A picture that is larger than `side` pixels is shrunk to it, in the child, so that this process never holds more.
    Of a JPEG with several pictures the first is read; animated PNG and WebP are refused.
    """
    if len(content) > limits.FILE_BYTES:
        raise PictureError("too_large", f"{len(content)} bytes, at most {limits.FILE_BYTES >> 20} MB are read")
    if not content.startswith((JPEG, PNG)) and (content[:4], content[8:12]) != (b"RIFF", b"WEBP"):
        raise PictureError("not_a_picture", "the file is no JPEG, PNG or WebP; save the picture as one of them")
    with running(MODULE, *([] if side is None else [str(side)]), within_s=limits.SECONDS) as child:
        child.send(content)
        return _upload(child) or _dead(child)


def _upload(child: Child) -> Upload | None:
    """What the child says, or None when it died before it had said all; not trusted to keep its limits."""
    head = child.message(HEAD_BYTES)
    if not isinstance(head, dict):
        return None
    if "code" in head:
        raise PictureError(head["code"], head["message"])
    height, width = head.get("height"), head.get("width")
    if not (isinstance(height, int) and isinstance(width, int)):
        return None
    if min(height, width) < 1 or height * width > limits.PIXELS:
        return None
    pixels = np.empty((height, width, 3), np.uint8)
    alpha = np.empty((height, width), np.uint8) if head.get("alpha") else None
    whole = all(_filled(child.out, plane) for plane in (pixels, alpha) if plane is not None)
    return Upload(pixels, alpha) if whole else None


def _filled(out: BufferedReader, plane: Pixels) -> bool:
    return out.readinto(plane.data.cast("B")) == plane.nbytes


def _dead(child: Child) -> Upload:
    if child.was_slow():
        raise PictureError("too_slow", "the picture takes too long to decode; save it anew")
    memory = limits.MEMORY_BYTES >> 20
    raise PictureError("broken", f"the picture is damaged, or needs more than {memory} MB to decode; save it anew")
