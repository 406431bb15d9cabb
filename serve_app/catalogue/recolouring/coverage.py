"""How much of each pixel is the cloth: all of it, none, or a share where it meets a print or the background."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from serve_app.catalogue.recolouring.oklab import Field
from serve_app.catalogue.recolouring.region import Region

Places = NDArray[np.int64]
Weave = Literal["printed", "woven", "even"]
"""What else a garment shows: colours laid on the cloth, colours that cross with it (checks), its own texture only."""

APART = (48.0, 120.0)  # sRGB levels from garment to background: below the mask tells their shares, above the colours
NEAR = 12.0  # sRGB levels that the cloth may explain a pixel of the edge worse than its neighbour inside does
SURE = 0.5  # strangeness beyond 1 from which a pixel is something else altogether
DEAD = 0.06  # of a share: light and noise at both ends
FAR = 0.95  # quantile of strangeness: beyond it lies the colour that woven cloth crosses with
REACH = 4  # units of a region: from any pixel of a soft edge to one inside and one outside
NOWHERE = 99.0  # stranger than any colour


@dataclass(frozen=True, eq=False)
class Coverage:
    """Per pixel: the cloth's share (n,), and its own colour there, sRGB levels (n, 3)."""

    share: Field
    own: Field

    def unmix(self, places: Places, cloth: Field, other: Field) -> None:
        """Settles pixels that lie between the cloth's colour and another one, each (3,) or one per place."""
        here = self.own[places]
        part = _part(here, cloth, other)
        self.share[places], self.own[places] = part, _freed(here, cloth, other, part)

    def trim(self, rim: Places, inner: Places, beyond: Places, alpha: Field) -> None:
        """Settles pixels of the garment's edge by a place inside that they belong to and one `beyond` the edge."""
        here, garment, other = self.own[rim], self.own[inner], self.own[beyond]
        apart = np.linalg.norm(other - garment, axis=1)
        trust = np.clip((apart - APART[0]) / (APART[1] - APART[0]), 0, 1)
        part = trust * _part(here, garment, other) + (1 - trust) * alpha
        self.share[rim], self.own[rim] = part * self.share[inner], _freed(here, garment, other, part)


def covered(region: Region, strange: Field, weave: Weave) -> Coverage:
    """Unmixes a region by the strangeness (height, width) of its pixels; both flattened."""
    if weave == "even":
        strange = np.minimum(strange, 1)
    own = region.pixels.reshape(-1, 3).astype(np.float32)
    coverage = Coverage((1 - _doubt(strange)).ravel(), own)
    if weave == "woven":
        _uncross(coverage, strange, region)
    elif weave == "printed":
        _unprint(coverage, strange, region)
    around = _most(region.outside, REACH * region.unit)
    rim = np.flatnonzero(~region.inside & ~region.outside & region.outside.ravel()[around].reshape(strange.shape))
    beyond = around[rim]
    inner = _inner(own, strange, region, (rim, beyond))
    coverage.trim(rim, inner, beyond, (region.alpha.ravel()[rim] / 255).astype(np.float32))
    coverage.share[region.outside.ravel()] = 0
    return coverage


def _unprint(coverage: Coverage, strange: Field, region: Region) -> None:
    """The soft edges between the cloth and what is printed on it."""
    reach, inside, score = region.unit + 1, region.inside, strange.ravel()
    least, most = _most(np.where(inside, -strange, -NOWHERE), reach), _most(np.where(inside, strange, 0), reach)
    mixed = np.flatnonzero((score[most] > 1) & (score[least] <= 1) & inside.ravel())
    coverage.unmix(mixed, coverage.own[least[mixed]], coverage.own[most[mixed]])
    coverage.share[mixed] = 1 - (1 - coverage.share[mixed]) * _doubt(score[most[mixed]])


def _uncross(coverage: Coverage, strange: Field, region: Region) -> None:
    """The half tones where the cloth's threads cross with those of the other colour."""
    pixels, score = region.pixels[region.inside], strange[region.inside]
    far = max(1.0, float(np.quantile(score, FAR)))
    cloth = np.median(pixels[score <= max(1.0, float(score.min()))], axis=0)
    other = np.median(pixels[score >= min(far, float(score.max()))], axis=0)
    coverage.unmix(np.flatnonzero(region.inside), cloth, other)


def _inner(own: Field, strange: Field, region: Region, edge: tuple[Places, Places]) -> Places:
    """What pixels of the edge belong to: the cloth where it explains them, else the nearest place inside.

    `edge`: the pixels, and places outside.
    """
    rim, beyond = edge
    near = ndimage.distance_transform_edt(~region.inside, return_distances=False, return_indices=True)
    nearest = np.ravel_multi_index(near, strange.shape).ravel()[rim]
    cloth = _most(np.where(region.inside, -strange, -NOWHERE), REACH * region.unit)[rim]
    explained = _off(own, rim, cloth, beyond) < _off(own, rim, nearest, beyond) + NEAR
    return np.where((strange.ravel()[rim] <= 1) | explained, cloth, nearest)


def _doubt(score: Field) -> Field:
    """0 where a pixel may be the cloth, 1 where it is something else altogether."""
    return np.asarray(np.clip((score - 1) / SURE, 0, 1), np.float32)


def _part(here: Field, cloth: Field, other: Field) -> Field:
    """How far pixels lie from the other colour towards the cloth's, 0-1."""
    across = other - cloth
    length = np.maximum(1, np.sum(across**2, axis=-1))
    part = 1 - np.sum((here - cloth) * across, axis=-1) / length
    return np.asarray(np.clip((part - DEAD) / (1 - 2 * DEAD), 0, 1), np.float32)


def _freed(here: Field, cloth: Field, other: Field, part: Field) -> Field:
    """The cloth's own colour in mixed pixels: that around it, with what the mixture leaves unexplained."""
    share = part[:, None]
    return np.asarray(np.clip(cloth + here - (share * cloth + (1 - share) * other), 0, 255), np.float32)


def _off(own: Field, here: Places, inner: Places, beyond: Places) -> Field:
    """sRGB levels by which pixels miss every mixture of two others."""
    cloth, other = own[inner], own[beyond]
    part = _part(own[here], cloth, other)[:, None]
    return np.asarray(np.linalg.norm(own[here] - part * cloth - (1 - part) * other, axis=1), np.float32)


def _most(field: NDArray[Any], radius: int) -> Places:
    """Place of the largest value around each pixel; flat."""
    keys = np.rint(field * 1000).astype(np.int64) * field.size + np.arange(field.size).reshape(field.shape)
    found: Places = ndimage.maximum_filter(keys, 2 * radius + 1).ravel() % field.size
    return found
