"""What can be measured on a painted figure whose drawing is known: its outline, its joints, its colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion
from skimage.color import rgb2lab

from models.domain import Control, ControlKind, Picture, Pixels, RetouchOrder
from models.pose_picture import JOINTS
from models.starter.drawing.figures import BACKDROPS, BASICS, HAIR, PARTS, SKIN, FigureDrawing, Part
from models.starter.drawing.palette import swatch
from models.starter.recipes.figures import SIZE, prompt
from models.starter.recipes.retouches import control_picture

AROUND = 3  # pixels to each side of a joint
LEAST = 12  # pixels of a part that a colour is read from
APART = 25.0  # Euclidean distance in Lab; closer colours are mixed up by their shading
GREY = np.uint8(128)  # what the picture holds where it is to be painted
BASIC = {name: swatch(name) for name in BASICS}
WORDS: dict[Part, Mapping[str, Any]] = {
    "skin": SKIN, "hair": HAIR, "backdrop": BACKDROPS, "legwear": BASIC, "top": BASIC,
}  # fmt: skip
Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """A drawn figure, and the words that a prompt says of it."""

    drawing: FigureDrawing
    said: Mapping[str, str]

    @property
    def painted(self) -> Bits:
        """Everything but the garment."""
        return np.asarray(self.drawing.parts != PARTS.index("garment"))

    @property
    def stands_out(self) -> bool:
        """Whether every part can be told from the backdrop by its colour."""
        behind = _lab(BACKDROPS[self.said["backdrop"]])
        said = [
            _lab(words[self.said[what]]) for what, words in WORDS.items() if what in self.said and what != "backdrop"
        ]
        return all(np.linalg.norm(colour - behind) >= APART for colour in said)

    def shows(self, part: Part) -> Bits:
        return np.asarray(self.drawing.parts == PARTS.index(part))

    def order(self, seed: int, kind: ControlKind | None = "pose", **changes: Any) -> RetouchOrder:
        """Paints the figure around its garment; nothing of the drawn figure is left in the picture."""
        pixels, control = self.drawing.picture.pixels, None
        if kind is not None:
            shown = control_picture(kind, pixels, self.drawing.parts, self.drawing.joints)
            control = Control(Picture(shown), kind)
        bare = Picture(np.where(self.painted[..., None], GREY, pixels))
        mask = self.painted.astype(np.uint8) * np.uint8(255)
        return replace(RetouchOrder(bare, prompt(self.said), seed, mask, control=control), **changes)


def rates(pictures: Sequence[Picture], cases: Sequence[Case]) -> dict[str, float]:
    """Overlap of figure and skin with the drawn ones, joints that lie on the figure, colours that were asked for.

    Outlines and joints are looked for where the figure stands out.
    """
    found: dict[str, list[float]] = {name: [] for name in ("figure_iou", "skin_iou", "joints", *WORDS)}
    for picture, case in zip(pictures, cases, strict=True):
        shown = parts_shown(picture, case)
        backdrop, skin = PARTS.index("backdrop"), PARTS.index("skin")
        if case.stands_out:
            found["figure_iou"].append(_iou(shown != backdrop, ~case.shows("backdrop"), case.painted))
            found["skin_iou"].append(_iou(shown == skin, case.shows("skin"), case.painted))
            found["joints"] += _joints(shown != backdrop, case)
        for what in WORDS:
            if what in case.said and (word := colour_word(picture, case, what)) is not None:
                found[what].append(word == case.said[what])
    return {name: round(float(np.mean(values)), 3) for name, values in found.items() if values}


def parts_shown(picture: Picture, case: Case) -> Pixels:
    """Which part each pixel shows, by the nearest of the colours that the prompt names: an index into PARTS."""
    lab = rgb2lab(picture.pixels)
    far = np.full((len(PARTS), SIZE, SIZE), np.inf)
    for what, words in WORDS.items():
        if what in case.said:
            far[PARTS.index(what)] = np.square(lab - _lab(words[case.said[what]])).sum(-1)
    return np.asarray(far.argmin(0), np.uint8)


def colour_word(picture: Picture, case: Case, what: Part) -> str | None:
    """The word that is nearest to a part's median colour, away from its edges; None when too little of it is seen."""
    inside = binary_erosion(case.shows(what), iterations=2)
    if inside.sum() < LEAST:
        return None
    median = _lab(np.median(picture.pixels[inside], axis=0))
    return min(WORDS[what], key=lambda word: float(np.square(median - _lab(WORDS[what][word])).sum()))


def _lab(colour: Any) -> NDArray[np.float64]:
    return np.asarray(rgb2lab(np.asarray(colour, float)[None] / 255)[0])


def _iou(found: Bits, right: Bits, within: Bits) -> float:
    return float((found & right & within).sum() / max(1, ((found | right) & within).sum()))


def _joints(figure: Bits, case: Case) -> list[float]:
    """For every joint that is painted and in the picture, whether most of its surroundings show the figure."""
    hits = []
    for joint in JOINTS:
        column, row = (int(value) for value in case.drawing.joints[joint])
        if all(AROUND <= place < SIZE - AROUND for place in (column, row)) and case.painted[row, column]:
            near = slice(row - AROUND, row + AROUND + 1), slice(column - AROUND, column + AROUND + 1)
            hits.append(float(figure[near][case.painted[near]].mean() > 0.5))
    return hits
