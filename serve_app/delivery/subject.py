"""A file as a marketplace receives it: what its header says, its pixels, and where in them the product is."""

import io
import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from scipy import ndimage

from models.domain import Mask, Pixels
from models.errors import VitrineError
from serve_app.delivery.flooding import Bools, Box, Ground, box_of, flooded, ground_of
from serve_app.provenance.metadata import source_type_of

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"]
MEGAPIXELS = 120  # what is decoded at most; above every marketplace's limit
NEAR = 16  # pixels from the product within which its shadow and a JPEG's ringing may lie


class FileError(VitrineError):
    """The file cannot be read as a picture."""


@dataclass(frozen=True, eq=False)
class Subject:
    """`pixels`: RGB as shown, upright; `clear`: share of pixels that are not opaque; `given`: the product's mask where
    the caller knows it, of the picture's own size."""

    name: str | None
    bytes: int
    format: str
    mode: str
    moving: bool
    icc: str | None
    source_type: str | None
    clear: float
    pixels: Pixels
    given: Mask | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @cached_property
    def ground(self) -> Ground | None:
        """The background's colour and where it is; None where the picture's rim is not of one colour."""
        return ground_of(self.pixels)

    @cached_property
    def product(self) -> Bools | None:
        """Where the product is; None where nobody can tell."""
        if self.given is not None:
            return self.given.alpha > 127
        return None if self.ground is None else flooded(self.ground)

    @cached_property
    def away(self) -> Bools | None:
        """More than NEAR pixels from the product."""
        if self.product is None or not self.product.any():
            return None
        return far_from(self.product, NEAR)

    @cached_property
    def box(self) -> Box | None:
        """The product's; None without one."""
        return None if self.product is None else box_of(self.product)


def far_from(solid: Bools, distance: int) -> Bools:
    """Pixels more than `distance` from every set one."""
    # The transform costs by the pixel, so it sees the neighbourhood of the product alone.
    x0, y0, x1, y1 = box_of(solid) or (0, 0, 0, 0)
    rows, columns = (
        slice(max(0, y0 - distance - 1), y1 + distance + 1),
        slice(max(0, x0 - distance - 1), x1 + distance + 1),
    )
    far = np.ones(solid.shape, dtype=bool)
    far[rows, columns] = ndimage.distance_transform_edt(~solid[rows, columns]) > distance
    return far


def read(content: bytes, name: str | None = None, mask: Mask | None = None) -> Subject:
    """A picture file for the checks; `mask` is the product's in the upright picture. Raises FileError."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return _read(content, name, mask, image)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
        struct.error,
    ) as error:
        raise FileError(f"{name or 'the file'} cannot be read as a picture: {str(error)[:120]}") from None


def _read(content: bytes, name: str | None, mask: Mask | None, image: Image.Image) -> Subject:
    width, height = image.size
    if width * height > MEGAPIXELS * 1_000_000:
        raise FileError(f"{name or 'the file'} has {width} x {height} pixels, at most {MEGAPIXELS} million are read")
    form, mode, moving = str(image.format), image.mode, getattr(image, "n_frames", 1) > 1
    icc, source_type = _icc(image), source_type_of(content)
    upright = ImageOps.exif_transpose(image)
    clear = 0.0
    if upright.has_transparency_data:
        clear = float(np.mean(np.asarray(upright.convert("RGBA").getchannel("A")) < 255))
    pixels = np.asarray(upright.convert("RGB"))
    if mask is not None and mask.alpha.shape != pixels.shape[:2]:
        raise FileError(f"the mask has the shape {mask.alpha.shape}, the picture {pixels.shape[:2]}; send them alike")
    return Subject(
        name=name,
        bytes=len(content),
        format="jpeg" if form == "MPO" else form.lower(),
        mode=mode,
        moving=moving and form != "MPO",
        icc=icc,
        source_type=source_type.rpartition("/")[2] if source_type else None,
        clear=clear,
        pixels=pixels,
        given=mask,
    )


def _icc(image: Image.Image) -> str | None:
    """What the embedded profile calls itself; None without one."""
    profile = image.info.get("icc_profile")
    if not profile:
        return None
    try:
        return str(ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "a profile that cannot be read"
