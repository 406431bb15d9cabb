"""The process that decodes an untrusted picture: limited memory and time, the file on stdin, pixels on stdout.

Started as `python -m serve_app.uploads.child [SIDE]`; a larger picture is shrunk to SIDE pixels. The first line is
`{"width", "height", "alpha"}`, then come RGB and, if there is one, alpha as plain bytes, row by row; or the line is
`{"code", "message"}`. A process that dies without one met a fault that the decoder does not name, or its limits.
"""

import io
import json
import struct
import sys
from typing import TYPE_CHECKING

from serve_app.limited_child import limit
from serve_app.uploads import limits
from serve_app.uploads.errors import PictureError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ["JPEG", "PNG", "WEBP"]
STRIP = 1 << 20  # pixels handed over at a time
ORIENTATION = 0x0112  # EXIF tag


def main() -> None:
    limit(limits.MEMORY_BYTES, limits.CPU_SECONDS)
    out = sys.stdout.buffer
    try:
        rgb, alpha = decoded(sys.stdin.buffer.read())
        if len(sys.argv) > 1:
            _shrink(int(sys.argv[1]), rgb, alpha)
        head = {"width": rgb.width, "height": rgb.height, "alpha": alpha is not None}
        out.write(json.dumps(head).encode() + b"\n")
        for plane in (rgb, alpha) if alpha else (rgb,):
            rows = max(1, STRIP // plane.width)
            for top in range(0, plane.height, rows):
                out.write(plane.crop((0, top, plane.width, min(top + rows, plane.height))).tobytes())
    except PictureError as error:
        out.write(json.dumps({"code": error.code, "message": str(error)}).encode() + b"\n")
    out.flush()


def _shrink(side: int, *planes: "Image.Image | None") -> None:
    for plane in planes:
        if plane is not None:
            plane.thumbnail((side, side))


def decoded(content: bytes) -> "tuple[Image.Image, Image.Image | None]":
    """sRGB picture and its alpha, upright, without anything else that the file held; raises PictureError."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = limits.PIXELS // 2  # Pillow refuses, by the header alone, what has twice as many
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        # A JPEG of several pictures (a phone's depth or gain map) is a still: its first one counts.
        if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
            raise PictureError("animated", "the picture moves; send a still one")
        turned = _turn(picture)
        picture.load()
    except Image.DecompressionBombError:
        most = limits.PIXELS // 1_000_000
        raise PictureError("too_many_pixels", f"more than {most} million pixels; send the picture smaller") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise PictureError("broken", f"the picture is damaged ({str(error)[:80]}); save it anew") from None
    rgb, alpha = _planes(picture)
    if turned is None:
        return rgb, alpha
    return rgb.transpose(turned), None if alpha is None else alpha.transpose(turned)


def _turn(picture: "Image.Image") -> "Image.Transpose | None":
    """How to set the picture upright. Not ImageOps.exif_transpose: it writes the EXIF anew, and fails on odd ones."""
    from PIL.Image import Transpose

    try:
        orientation = picture.getexif().get(ORIENTATION)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return None
    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return turns.get(orientation) if isinstance(orientation, int) else None


def _planes(picture: "Image.Image") -> "tuple[Image.Image, Image.Image | None]":
    """RGB in sRGB, and alpha where a pixel is not opaque."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits of grey, which a conversion would clip
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
        picture.info.clear()
    alpha = None
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
        if alpha.getextrema() == (255, 255):
            alpha = None
    if picture.mode not in ("L", "RGB", "CMYK"):
        picture = picture.convert("RGB")
    return _srgb(picture, profile), alpha


def _srgb(picture: "Image.Image", profile: bytes | None) -> "Image.Image":
    """By the profile; without one, or with one that does not fit the picture, the values are taken as they are."""
    from PIL import ImageCms

    if not profile:
        return picture.convert("RGB")
    try:
        found = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, found, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        turned = None
    return turned or picture.convert("RGB")


if __name__ == "__main__":
    main()
