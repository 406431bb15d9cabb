"""What the checks look at: the rendered and the delivered picture, the garment's mask, the caption scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy import ndimage

from models.domain import Attributes, Box, Mask, Picture, Refusal, TextLine
from serve_app.catalogue.verdict.layout import Bits, Layout, foreground, layout

NO_GARMENT = ("no garment was found in the picture", "im Bild wurde kein Artikel gefunden")
Answers = Mapping[str, Mapping[str, float]]


class Thresholds(BaseModel):
    """Limits of the checks; a pack's manifest overrides the defaults, which fit photographs and any scorer."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    colour_delta_e: float = 16.0  # CIEDE2000: light and shadow of a photograph; swatches lie 10-20 apart
    colour_lead: float = 4.0  # CIEDE2000 by which another colour's swatch may be nearer
    colour_share: float = 0.12  # of the garment: below this a second colour is trim, not a base
    shades: bool = True  # "blue" names every blue, as in photographs; else its swatch alone
    type_margin: float = 0.0  # caption score over the best rival's
    pattern_margin: float = 0.0
    print_margin: float = 0.0
    sleeve_margin: float = 0.0
    neckline_margin: float = 0.0
    audience_margin: float | None = None  # None: the scorer cannot tell
    motif_margin: float | None = None
    people_margin: float | None = None
    white_share: float = 0.995  # of the pixels more than 16 px (at 256 px: 1/16 of the side) from the mask
    fill_min: float = 0.55  # longest side of the garment's box over the picture's side
    fill_max: float = 0.985
    centre_shift: float = 0.06  # of the picture's side
    cut_run: float = 0.03  # of an edge of the picture: what stands on more of it goes on beyond it
    piece_area: float = 0.05  # of the garment: what lies apart from it and is larger is a second piece
    stray_area: float = 0.004  # of the garment: marks beside it together
    sharpness: float = 0.05  # fine over coarse detail of the garment
    text_likeness: float = 0.8  # of the stated letters: a reader may err in one of five
    mask_quality: float = 0.5  # predicted IoU below this says nothing about colour or framing


@dataclass(frozen=True)
class Evidence:
    """`answers`: question -> answer -> caption score (0-100), as `models.questions` asks them; empty: not asked.

    `lines`: where lettering was set on the delivered picture; `reading`: what a reader reads there, or why it does not;
    None: nobody was asked.
    """

    rendered: Picture
    delivered: Picture
    mask: Mask
    attributes: Attributes
    thresholds: Thresholds
    answers: Answers = field(default_factory=dict)
    lines: tuple[Box, ...] = ()
    reading: tuple[TextLine, ...] | Refusal | None = None

    @cached_property
    def solid(self) -> Bits:
        """Where the mask says garment; (height, width)."""
        return np.asarray(self.mask.alpha > 127)

    @cached_property
    def inside(self) -> Bits:
        """The garment without its outermost 1 % of the side, where shading and background mix; (height, width)."""
        margin = max(1, round(0.01 * max(self.solid.shape)))
        eroded = np.asarray(ndimage.binary_erosion(self.solid, iterations=margin))
        return eroded if eroded.any() else self.solid

    @cached_property
    def box(self) -> tuple[int, int, int, int] | None:
        """(x0, y0, x1, y1) of the mask, exclusive ends; None when the mask is empty."""
        rows, columns = np.flatnonzero(self.solid.any(axis=1)), np.flatnonzero(self.solid.any(axis=0))
        if not rows.size:
            return None
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

    @cached_property
    def shown(self) -> Bits:
        """All that stands before the backdrop of the rendered picture; (height, width)."""
        return foreground(self.rendered.pixels, self.solid)

    @cached_property
    def layout(self) -> Layout:
        """The garment and what stands apart from it in the rendered picture."""
        return layout(self.shown, self.solid)
