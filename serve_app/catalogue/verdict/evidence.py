"""What the checks look at: the rendered and the delivered picture, the garment's mask, the caption scores."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy import ndimage

from models.domain import Attributes, Mask, Picture


class Thresholds(BaseModel):
    """Limits of the checks; a pack's manifest overrides the defaults, which were measured on the starter pack."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    colour_delta_e: float = 12.0  # CIEDE2000; neighbouring shades of the vocabulary lie 10-20 apart
    colour_share: float = 0.12  # of the garment: below this a second colour is trim, not a base
    type_margin: float = 0.0  # caption score over the best rival
    pattern_margin: float = 0.0
    white_share: float = 0.995  # of the pixels more than 16 px (at 256 px: 1/16 of the side) from the mask
    fill_min: float = 0.55  # longest side of the garment's box over the picture's side
    fill_max: float = 0.985
    centre_shift: float = 0.06  # of the picture's side
    mask_quality: float = 0.5  # predicted IoU below this says nothing about colour or framing


@dataclass(frozen=True)
class Evidence:
    """`type_scores` and `pattern_scores`: caption score (0-100) per rival value, the stated value among them."""

    rendered: Picture
    delivered: Picture
    mask: Mask
    attributes: Attributes
    thresholds: Thresholds
    type_scores: dict[str, float] = field(default_factory=dict)
    pattern_scores: dict[str, float] = field(default_factory=dict)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """The garment without its outermost 2 % of the side, where shading and background mix; (height, width)."""
        solid = self.mask.alpha > 127
        margin = max(1, round(0.01 * max(solid.shape)))
        eroded = ndimage.binary_erosion(solid, iterations=margin)
        return eroded if eroded.any() else solid

    @cached_property
    def box(self) -> tuple[int, int, int, int] | None:
        """(x0, y0, x1, y1) of the mask, exclusive ends; None when the mask is empty."""
        found = ndimage.find_objects((self.mask.alpha > 127).astype(np.uint8))
        if not found:
            return None
        rows, columns = found[0]
        return columns.start, rows.start, columns.stop, rows.stop
