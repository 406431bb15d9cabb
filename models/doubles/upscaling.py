"""The upscaler's double: every pixel becomes a square of its colour."""

from collections.abc import Sequence

from models.domain import Picture, Refusal
from models.doubles.trouble import Trouble


class Repeater:
    """Repeats each pixel `scale` times in both directions; `refuse` and `crash` meet the size, as "640 x 480"."""

    def __init__(self, trouble: Trouble, scale: int = 2) -> None:
        self._trouble, self._scale = trouble, scale

    def upscale(self, pictures: Sequence[Picture]) -> list[Picture | Refusal]:
        return self._trouble.met(pictures, lambda one: f"{one.size[0]} x {one.size[1]}", self._repeated)

    def _repeated(self, picture: Picture) -> Picture:
        return Picture(picture.pixels.repeat(self._scale, axis=0).repeat(self._scale, axis=1))
