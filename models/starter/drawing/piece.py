"""A top on the cutting table: what every step of sewing it needs to know."""

from dataclasses import dataclass

from models.starter.drawing.canvas import Canvas
from models.starter.drawing.garment import Garment
from models.starter.drawing.palette import Palette
from models.starter.drawing.silhouettes import Measures, Sleeve, neck_depth


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """`m` are the top's measures; `arm` is its right sleeve, None for a sleeveless one."""

    canvas: Canvas
    m: Measures
    garment: Garment
    palette: Palette
    arm: Sleeve | None

    @property
    def neckline(self) -> str:
        """The neckline as drawn."""
        return self.garment.drawn_neckline or "crew"

    @property
    def neck_low(self) -> float:
        """The lowest point of the front neck edge, in design units."""
        return self.m.top + neck_depth(self.m, self.neckline)
