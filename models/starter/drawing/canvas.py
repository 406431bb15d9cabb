"""The picture in the making: cloth is laid piece over piece, then lit and inked."""

import numpy as np

from models.starter.drawing.pen import Field, Outline, Patch, Pen

THIRDS = np.full(3, 1 / 3, np.float32)
DARK = 105.0  # mean sRGB level below which seams catch light instead of casting shade


class Canvas:
    """Albedo (size, size, 3) in sRGB 0-255; light, ink and alpha (size, size); light 1.0 leaves a colour as it is."""

    def __init__(self, pen: Pen, albedo: Field) -> None:
        self.pen = pen
        self.cloth = albedo  # the pattern all over, for pieces that are cut from the main cloth
        self.albedo = albedo.copy()
        shape = (pen.size, pen.size)
        self.light = np.ones(shape, np.float32)
        self.ink = np.zeros(shape, np.float32)
        self.alpha = np.zeros(shape, np.float32)

    def lay(self, outlines: list[Outline], colour: Field | None = None, light: float = 1.0, edge: float = 0.5) -> Patch:
        """Lays a piece on top, from the main cloth or in a plain `colour`; `edge` is the ink of its outline."""
        patch = self.pen.fill(*outlines)
        self.cover(patch, colour, light)
        if edge:
            self.seam([[*outline, outline[0]] for outline in outlines], strength=edge)
        return patch

    def cover(self, patch: Patch, colour: Field | None = None, light: float = 1.0) -> None:
        """Covers what lies under a patch; `colour` is one sRGB or a whole picture of cloth, None the main cloth."""
        window, coverage = patch.window, patch.coverage
        whole = self.cloth if colour is None else colour
        source = whole[window] if whole.ndim == 3 else whole
        self.albedo[window] += coverage[..., None] * (source - self.albedo[window])
        self.light[window] += coverage * (light - self.light[window])
        self.ink[window] *= 1 - coverage
        self.alpha[window] = np.maximum(self.alpha[window], coverage)

    def dye(self, patch: Patch, colour: Field, strength: float = 1.0) -> None:
        """Colours cloth that is already there; nothing grows beyond the garment."""
        window = patch.window
        amount = (patch.coverage * strength * (self.alpha[window] > 0))[..., None]
        self.albedo[window] += amount * (colour - self.albedo[window])

    def seam(self, lines: list[Outline], strength: float = 0.5, width: float = 1.2) -> None:
        """Inks lines: seams, folds, outlines."""
        patch = self.pen.stroke(*lines, width=width)
        window = patch.window
        self.ink[window] = np.maximum(self.ink[window], patch.coverage * strength)

    def stitch(self, line: Outline, strength: float = 0.4, dash: float = 2.6) -> None:
        """A dashed line of stitches, `dash` design units long."""
        points = np.asarray(line, dtype=np.float64)
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        starts = np.arange(0, along[-1] - dash, 1.7 * dash)
        marks = [
            [
                (float(np.interp(s, along, points[:, 0])), float(np.interp(s, along, points[:, 1])))
                for s in (a, a + dash)
            ]
            for a in starts
        ]
        if marks:
            self.seam(list(marks), strength, width=1.0)

    def shade(self, patch: Patch, factor: float) -> None:
        """Darkens (factor < 1) or lightens cloth."""
        self.light[patch.window] *= 1 - patch.coverage * (1 - factor)

    def developed(self) -> Field:
        """The lit garment without a background; ink darkens light cloth and catches light on dark cloth."""
        level = self.albedo @ THIRDS
        darkness = np.clip((DARK - level) / DARK, 0, 1)
        ink = np.clip(self.ink, 0, 1)
        factor = self.light * (1 - 0.62 * ink * (1 - darkness))
        # On near-black cloth a factor alone is invisible: light is added instead.
        glow = darkness * (64 * ink + 110 * (self.light - 1))
        developed: Field = self.albedo * factor[..., None]
        developed += glow[..., None]
        return np.clip(developed, 0, 254, out=developed)
