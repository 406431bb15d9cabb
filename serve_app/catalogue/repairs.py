"""What can be put right on a picture without drawing it anew: its framing, and what lies beside the garment."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from models.domain import Mask, Picture, Pixels
from serve_app.catalogue.verdict import Evidence
from serve_app.catalogue.verdict.layout import apart

BESIDE = ("one_garment", "artefacts")  # checks that fail for what lies apart from the garment
RIM = 2  # pixels around a thing apart that its edge has coloured
FILL = 0.8  # of the side, for a garment that was drawn too small or too large


def repaired(evidence: Evidence, failed: Collection[str]) -> tuple[Picture, Mask] | None:
    """The rendered picture before white with one fault less, and its mask; None where none of them can be mended."""
    if set(BESIDE) & set(failed):
        return _alone(evidence.rendered, evidence.mask, apart(evidence.shown, evidence.solid))
    if "framing" in failed and evidence.box is not None:
        return _framed(evidence.rendered, evidence.mask, evidence.box)
    return None


def _alone(picture: Picture, mask: Mask, things: NDArray[np.bool_]) -> tuple[Picture, Mask]:
    erased = ndimage.binary_dilation(things, iterations=RIM)
    return (
        Picture(np.where(erased[..., None], np.uint8(255), picture.pixels), picture.device_s),
        Mask(np.where(erased, np.uint8(0), mask.alpha), mask.quality),
    )


def _framed(picture: Picture, mask: Mask, box: tuple[int, int, int, int]) -> tuple[Picture, Mask]:
    """The garment in the middle, its longer side `FILL` of the picture's."""
    width, height = picture.size
    x0, y0, x1, y1 = box
    scale = FILL / max((x1 - x0) / width, (y1 - y0) / height)
    left, top = (x0 + x1) / 2 - width / 2 / scale, (y0 + y1) / 2 - height / 2 / scale
    return (
        Picture(_moved(picture.pixels, (1 / scale, left, top), (255, 255, 255)), picture.device_s),
        Mask(_moved(mask.alpha, (1 / scale, left, top), 0), mask.quality),
    )


def _moved(pixels: Pixels, place: tuple[float, float, float], around: tuple[int, int, int] | int) -> Pixels:
    step, left, top = place
    image = Image.fromarray(pixels)
    moved = image.transform(
        image.size, Image.Transform.AFFINE, (step, 0, left, 0, step, top), Image.Resampling.BICUBIC, fillcolor=around
    )
    return np.asarray(moved)
