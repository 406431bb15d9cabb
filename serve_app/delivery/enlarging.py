"""More pixels than a picture has, by a model: what of it needs them, and whether what came shows the same product."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

from models.domain import Mask, Picture, Pixels
from serve_app.delivery.flooding import Bools, Box, box_of
from serve_app.delivery.layout import layout
from serve_app.delivery.profile import Profile

ROOM = 8  # pixels around the product that are enlarged with it: the model looks at what is next to an edge
FIELD = 8  # pixels a side: their mean keeps its colour when edges get sharper, not when something new is there
STRAY = 24.0  # levels that it may change by; where a soft rendering gets sharp 19, of sharp pictures 6
ROUNDS = 2  # until reduced pixels are within a level of the picture's
DRIFT = 1.0  # levels from the picture's in the mean over the product, reduced again; measured .3


@dataclass(frozen=True, eq=False)
class Finer:
    """`picture` shows the `box` of another one with several times the pixels."""

    picture: Picture
    box: Box

    @property
    def times(self) -> int:
        return self.picture.size[0] // (self.box[2] - self.box[0])


@dataclass(frozen=True, eq=False)
class Enlarged:
    """A picture with its product in more pixels; `reason`: why they are not used although they were asked for."""

    picture: Picture
    finer: Finer | None = None
    reason: str | None = None

    @property
    def about(self) -> dict[str, Any]:
        """What a file's label says of it."""
        return {} if self.finer is None else {"enlarged": {"by": "upscaler", "times": self.finer.times}}


def lacking(picture: Picture, mask: Mask, profile: Profile) -> Box | None:
    """The part of a picture that shows the product, where a file of this profile needs more pixels than it has."""
    product = box_of(mask.alpha > 127)
    if product is None or layout(product, picture.size, profile).scale <= 1:
        return None
    (left, top, right, bottom), (width, height) = product, picture.size
    return max(0, left - ROOM), max(0, top - ROOM), min(width, right + ROOM), min(height, bottom + ROOM)


def cropped(picture: Picture, box: Box) -> Picture:
    left, top, right, bottom = box
    return Picture(np.ascontiguousarray(picture.pixels[top:bottom, left:right]))


def unless_changed(picture: Picture, mask: Mask, finer: Finer) -> Enlarged:
    """With the finer pixels, brought back to what the picture shows, unless they show something else."""
    part, times = cropped(picture, finer.box), finer.times
    if finer.picture.size != (part.size[0] * times, part.size[1] * times):
        return Enlarged(picture, reason=f"the upscaler made {finer.picture.size} of {part.size}")
    left, top, right, bottom = finer.box
    product = mask.alpha[top:bottom, left:right] > 127
    _, stray = _changes(part.pixels, finer.picture.pixels, product)
    pixels = _brought_back(part.pixels, finer.picture.pixels)
    drift, _ = _changes(part.pixels, pixels, product)
    if stray > STRAY or drift > DRIFT:
        said = f"by {stray:.1f} levels in one place, and by {drift:.1f} in the mean when it was brought back"
        return Enlarged(picture, reason=f"the upscaler changed the product {said}")
    return Enlarged(picture, replace(finer, picture=Picture(pixels)))


def _changes(part: Pixels, finer: Pixels, product: Bools) -> tuple[float, float]:
    """How far the finer pixels, reduced again, are from the product: in the mean, and the mean of the worst field."""
    reduced = np.asarray(Image.fromarray(finer).reduce(finer.shape[0] // part.shape[0]), np.float32)
    changed = np.where(product[..., None], reduced - part, np.float32(0))
    drift = float(np.abs(changed).sum() / (3 * max(1, product.sum())))
    return drift, float(np.abs(ndimage.uniform_filter(changed, (FIELD, FIELD, 1))).max())


def _brought_back(part: Pixels, finer: Pixels) -> Pixels:
    """Moved until, reduced, they are the picture's own (back-projection): what stays of a model is detail alone."""
    times, size = finer.shape[0] // part.shape[0], (finer.shape[1], finer.shape[0])
    wanted = np.asarray(Image.fromarray(part).resize(size, Image.Resampling.BICUBIC), np.int16)
    for _ in range(ROUNDS):
        reduced = Image.fromarray(finer).reduce(times)
        there = np.asarray(reduced.resize(size, Image.Resampling.BICUBIC), np.int16)
        finer = np.clip(finer + (wanted - there), 0, 255).astype(np.uint8)
    return finer
