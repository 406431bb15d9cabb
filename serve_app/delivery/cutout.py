"""The product off its background and onto another, at the size that is delivered."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from models.domain import Mask, Picture
from serve_app.delivery.layout import Layout

EDGE = 1 / 800  # of the side: half the width of the rim where a mask is not sure of itself
SURE = 0.6  # of the mask's coverage: from here on a pixel shows the product alone
SOFT = (96, 160)  # levels of the enlarged mask between which its edge runs
SHADOW_BLUR, SHADOW_DROP = 4, 2  # pixels as delivered: ends before 16 px, where a background has to be plain
SHADOW_DEPTH = 0.16  # of the background's light, right under the edge


@dataclass(frozen=True, eq=False)
class Cutout:
    """The product with its colours continued a little beyond its edge, and how much of each pixel it covers."""

    colours: Image.Image
    coverage: Image.Image

    @classmethod
    def of(cls, picture: Picture, mask: Mask) -> "Cutout":
        """The old background's colour leaves the edge: there the product's own, from next to it, is put."""
        radius = max(0.7, EDGE * max(picture.size))
        coverage = Image.fromarray(mask.alpha).filter(ImageFilter.GaussianBlur(radius))
        sure = (np.asarray(coverage) >= 255 * SURE) & (mask.alpha > 127)
        if not sure.any():  # thinner than the rim: nothing to take colours from
            return cls(Image.fromarray(picture.pixels), coverage)
        inner = np.where(sure[..., None], picture.pixels, np.uint8(0))
        near = ImageFilter.GaussianBlur(4 * radius)
        spread = np.asarray(Image.fromarray(inner).filter(near))
        weight = np.asarray(Image.fromarray(np.where(sure, np.uint8(255), np.uint8(0))).filter(near))
        rim = ~sure & (weight > 8)  # of 255: below, too little of the product is near to tell a colour
        colours = np.array(picture.pixels)
        continued = spread[rim].astype(np.float32) * (255 / weight[rim].astype(np.float32))[:, None]
        colours[rim] = np.clip(np.rint(continued), 0, 255).astype(np.uint8)
        return cls(Image.fromarray(colours), coverage)

    def placed(self, layout: Layout, ground: tuple[int, int, int], shadow: bool) -> Image.Image:
        """On a plain ground, as large as the layout says."""
        covered = self._covered(layout)
        behind = Image.new("RGB", layout.size, ground)
        return Image.composite(
            _framed(self.colours, layout, ground), _shaded(behind, covered) if shadow else behind, covered
        )

    def mask(self, layout: Layout) -> Mask:
        """Where the product is in the picture that `placed` gives."""
        return Mask(np.asarray(self._covered(layout)), 1.0)

    def _covered(self, layout: Layout) -> Image.Image:
        low, high = SOFT
        steps = [min(255, max(0, round((level - low) * 255 / (high - low)))) for level in range(256)]
        return _framed(self.coverage, layout, 0).point(steps)


def _framed(image: Image.Image, layout: Layout, beyond: "int | tuple[int, int, int]") -> Image.Image:
    x0, y0, x1, y1 = layout.frame
    framed = Image.new(image.mode, (x1 - x0, y1 - y0), beyond)
    framed.paste(image, (-x0, -y0))
    return framed.resize(layout.size, Image.Resampling.LANCZOS)


def _shaded(behind: Image.Image, coverage: Image.Image) -> Image.Image:
    dropped = ImageChops.offset(coverage, 0, SHADOW_DROP).filter(ImageFilter.GaussianBlur(SHADOW_BLUR))
    light = dropped.point([round(255 - SHADOW_DEPTH * level) for level in range(256)])
    return ImageChops.multiply(behind, Image.merge("RGB", (light, light, light)))
