"""Does a family of colourways hang together? The same frame, and the same light on every colour."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.color import rgb2lab

from models.domain import Mask, Picture
from serve_app.catalogue.record import Family
from serve_app.delivery.flooding import Bools, flooded, ground_of

FRAMING = 0.97  # least IoU of a member's outline with the first one's
LIGHT = 3.0  # L* of the worst member: 26 families of even article ids reach 2.93; the odd ones are judged by it
FOLDS = 10.0  # L* about the median: light and shade; what is further away is pattern, which colours part from the cloth
SCALE = 100.0  # L* from black to white
LEVELS = 101  # quantiles of a histogram
INNER = 2 / 256  # of the side: the rim holds background


@dataclass(frozen=True)
class Member:
    """A colourway as it is delivered and as it was rendered, and its garment's mask there."""

    delivered: Picture
    rendered: Picture
    mask: Mask

    @property
    def outline(self) -> Bools:
        """What the delivered picture shows on its plain ground; the mask's where its ground is not plain."""
        ground = ground_of(self.delivered.pixels)
        return self.mask.alpha > 127 if ground is None else flooded(ground)


def consistency(members: Mapping[str, Member]) -> Family:
    """The family of article id -> member, at least one, each measured against the first."""
    base, *others = members
    first, outline = members[base], members[base].outline
    framing = min((iou(outline, members[name].outline) for name in others), default=1.0)
    light = max((light_distance(first, members[name]) for name in others), default=0.0)
    return Family(
        base=base,
        members=list(members),
        framing_iou=round(framing, 4),
        light_distance=round(light, 2),
        limit=LIGHT,
        consistent=framing >= FRAMING and light <= LIGHT,
    )


def iou(one: Bools, other: Bools) -> float:
    """Intersection over union of two outlines of one size; 0 where both are empty or their sizes differ."""
    if one.shape != other.shape:
        return 0.0
    return float((one & other).sum() / max(1, (one | other).sum()))


def light_distance(first: Member, other: Member) -> float:
    """First Wasserstein distance in L* between the histograms of lightness about each garment's median.

    Only where both are cloth in light and shade; as far as the scale goes where they have no such place in common.
    """
    if first.mask.alpha.shape != other.mask.alpha.shape:
        return SCALE
    common = _inside(first.mask) & _inside(other.mask)
    one, two = _about_median(first, common), _about_median(other, common)
    folds = (np.abs(one) <= FOLDS) & (np.abs(two) <= FOLDS)
    if not folds.any():
        return SCALE
    levels = np.linspace(0, 1, LEVELS)
    one, two = (np.quantile(light[folds] - np.median(light[folds]), levels) for light in (one, two))
    return float(np.mean(np.abs(one - two)))


def _inside(mask: Mask) -> NDArray[np.bool_]:
    solid = mask.alpha > 127
    return np.asarray(ndimage.binary_erosion(solid, iterations=max(1, round(INNER * max(solid.shape)))))


def _about_median(member: Member, where: NDArray[np.bool_]) -> NDArray[np.float64]:
    lightness = rgb2lab(member.rendered.pixels[where][None])[0, :, 0]
    return np.asarray(lightness - np.median(lightness) if lightness.size else lightness)
