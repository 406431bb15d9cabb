"""A line of text cut out of its picture."""

import numpy as np

from models.domain import Box, Picture, Pixels

MARGIN = 0.12  # of a line's height, on every side: letters that touch the edge are read worse


def crop(picture: Picture, box: Box) -> Pixels:
    """The box and a margin around it as far as the picture goes; uint8 (height, width, 3)."""
    width, height = picture.size
    x0, y0, x1, y1 = box
    rim = round(MARGIN * (y1 - y0))
    rows, columns = slice(max(0, y0 - rim), min(height, y1 + rim)), slice(max(0, x0 - rim), min(width, x1 + rim))
    return np.ascontiguousarray(picture.pixels[rows, columns])
