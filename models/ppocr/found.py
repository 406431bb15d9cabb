"""Lines of text in the map of a detector, as upright boxes: what is printed on a garment stands straight enough.

The rules are those of the family's own post-processing; that of transformers needs OpenCV, for boxes that are turned.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.domain import Box
from models.ppocr.numbers import PpocrNumbers

LEAST = 3  # pixels of the map: the shorter side of what is a line at all


def found(chances: NDArray[np.float32], size: tuple[int, int], numbers: PpocrNumbers) -> list[Box]:
    """Boxes in a picture of (width, height) `size`, in the order of reading; `chances`: (height, width) of the map."""
    scale = size[0] / chances.shape[1], size[1] / chances.shape[0]
    return in_order([_scaled(box, scale, size) for box in _boxes(chances, numbers)])


def in_order(boxes: Sequence[Box]) -> list[Box]:
    """From the top, and from the left what stands on one line."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box[1] + box[3]):
        if rows and _middle(box) < rows[-1][0][3]:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row)]


def _boxes(chances: NDArray[np.float32], numbers: PpocrNumbers) -> Iterator[tuple[float, float, float, float]]:
    """In pixels of the map, grown to what their cores stand for."""
    labels, _ = ndimage.label(chances > numbers.pixel_score, np.ones((3, 3)))
    for rows, columns in ndimage.find_objects(labels):
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        if min(tall, wide) < LEAST or chances[rows, columns].mean() < numbers.line_score:
            continue
        by = numbers.grown * tall * wide / (2 * (tall + wide))
        yield columns.start - by, rows.start - by, columns.stop + by, rows.stop + by


def _scaled(box: tuple[float, float, float, float], scale: tuple[float, float], size: tuple[int, int]) -> Box:
    across, down = scale
    width, height = size
    return (
        max(0, round(box[0] * across)),
        max(0, round(box[1] * down)),
        min(width, round(box[2] * across)),
        min(height, round(box[3] * down)),
    )


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2
