"""The product off its background and onto another, at the size that is delivered."""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from models.domain import Mask, Picture
from serve_app.delivery.enlarging import Finer
from serve_app.delivery.flooding import Box
from serve_app.delivery.layout import Layout
from serve_app.delivery.matte import matte

SHADOW_BLUR, SHADOW_DROP = 4, 2  # pixels as delivered: ends before 16 px, where a background has to be plain
SHADOW_DEPTH = 0.16  # of the background's light, right under the edge
REACH = 16  # pixels as delivered beyond the product that its shadow may touch
LOBES = 3  # pixels of the source to each side that Lanczos looks at


@dataclass(frozen=True, eq=False)
class Placed:
    """The product on its new ground, and how much of each pixel it covers there."""

    picture: Image.Image
    coverage: Image.Image

    @property
    def mask(self) -> Mask:
        return Mask(np.asarray(self.coverage), 1.0)


@dataclass(frozen=True, eq=False)
class Cutout:
    """The product with its colours continued a little beyond its edge, and how much of each pixel it covers.

    `finer`: the same colours with more pixels, for a product that is delivered larger than it is.
    """

    colours: Image.Image
    coverage: Image.Image
    finer: Finer | None = None

    @classmethod
    def of(cls, picture: Picture, mask: Mask, finer: Finer | None = None) -> "Cutout":
        """By the mask, and at its edge by what the picture shows there."""
        colours, coverage = (Image.fromarray(plane) for plane in matte(picture.pixels, mask.alpha))
        return cls(colours, coverage, None if finer is None else _continued(finer, colours, coverage))

    def placed(self, layout: Layout, ground: int, shadow: bool) -> Placed:
        """On a ground of one grey level, as large as the layout says."""
        picture = Image.new("RGB", layout.size, (ground, ground, ground))
        covered = Image.new("L", layout.size)
        where = self._region(layout)
        coverage = where.resized(self.coverage, 0).point(_edge(layout.scale))
        behind = _shaded(coverage, ground) if shadow else picture.crop(where.target)
        colours, around = self.colours, where
        if self.finer is not None and layout.scale > 1:
            colours, around = Image.fromarray(self.finer.picture.pixels), where.within(self.finer)
        product = Image.composite(around.resized(colours, (ground, ground, ground)), behind, coverage)
        picture.paste(product, where.target[:2])
        covered.paste(coverage, where.target[:2])
        return Placed(picture, covered)

    def _region(self, layout: Layout) -> "_Region":
        """What is not plain ground; the rest need not be computed."""
        x0, y0, x1, y1 = layout.frame
        width, height = layout.size
        across, down = width / (x1 - x0), height / (y1 - y0)
        left, top, right, bottom = self.coverage.getbbox() or layout.frame
        target = (
            max(0, math.floor((left - x0) * across) - REACH),
            max(0, math.floor((top - y0) * down) - REACH),
            min(width, math.ceil((right - x0) * across) + REACH),
            min(height, math.ceil((bottom - y0) * down) + REACH),
        )
        return _Region(
            (x0 + target[0] / across, y0 + target[1] / down, x0 + target[2] / across, y0 + target[3] / down),
            target,
            layout.frame,
        )


@dataclass(frozen=True)
class _Region:
    """The same part of the picture twice: in pixels of the source, which it may leave, and as delivered."""

    source: tuple[float, float, float, float]
    target: Box
    frame: Box  # of the source: beyond it there is nothing, not even for a filter

    def within(self, finer: Finer) -> "_Region":
        """The same part in pixels of the finer picture."""
        (left, top), times = finer.box[:2], finer.times
        (x0, y0, x1, y1), (u0, v0, u1, v1) = self.source, self.frame
        return _Region(
            ((x0 - left) * times, (y0 - top) * times, (x1 - left) * times, (y1 - top) * times),
            self.target,
            ((u0 - left) * times, (v0 - top) * times, (u1 - left) * times, (v1 - top) * times),
        )

    def resized(self, image: Image.Image, beyond: "int | tuple[int, int, int]") -> Image.Image:
        left, top = (max(self.frame[side], math.floor(self.source[side]) - LOBES) for side in (0, 1))
        right, bottom = (min(self.frame[side], math.ceil(self.source[side]) + LOBES) for side in (2, 3))
        part = Image.new(image.mode, (right - left, bottom - top), beyond)
        part.paste(image, (-left, -top))
        x0, y0, x1, y1 = self.source
        box = (max(0.0, x0 - left), max(0.0, y0 - top), min(part.width, x1 - left), min(part.height, y1 - top))
        size = (self.target[2] - self.target[0], self.target[3] - self.target[1])
        return part.resize(size, Image.Resampling.LANCZOS, box)


def _continued(finer: Finer, colours: Image.Image, coverage: Image.Image) -> Finer:
    """Its pixels where there is nothing but product; at the edge, where they mix with what was behind, the colours."""
    size = finer.picture.size
    inside = coverage.crop(finer.box).point([0] * 255 + [255]).filter(ImageFilter.MinFilter(3))
    around = colours.crop(finer.box).resize(size, Image.Resampling.LANCZOS)
    whole = Image.composite(
        Image.fromarray(finer.picture.pixels), around, inside.resize(size, Image.Resampling.BILINEAR)
    )
    return replace(finer, picture=Picture(np.asarray(whole)))


def _edge(scale: float) -> list[int]:
    """Levels of a coverage that was enlarged: its edge becomes as narrow as it was, in pixels as delivered."""
    return [min(255, max(0, round(127.5 + (level - 127.5) * max(1.0, scale)))) for level in range(256)]


def _shaded(coverage: Image.Image, ground: int) -> Image.Image:
    """The ground with a shadow right under the product's edge."""
    dropped = ImageChops.offset(coverage, 0, SHADOW_DROP).filter(ImageFilter.GaussianBlur(SHADOW_BLUR))
    shade = dropped.point([round(ground * (1 - SHADOW_DEPTH * level / 255)) for level in range(256)])
    return Image.merge("RGB", (shade, shade, shade))
