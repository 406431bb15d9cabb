"""The retoucher's double paints what it is asked to paint and nothing else."""

from dataclasses import replace

import numpy as np

from models.domain import Picture, Refusal, RetouchOrder
from models.doubles.retouching import Overpainter
from models.doubles.trouble import Trouble

MASK = np.zeros((8, 6), np.uint8)
MASK[2:5] = 255
ORDER = RetouchOrder(Picture(np.full((8, 6, 3), 200, np.uint8)), "a red room", seed=1, mask=MASK)


def painted(order: RetouchOrder) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    (picture,) = Overpainter(Trouble(0.0)).retouch([order])
    assert isinstance(picture, Picture)
    return picture.pixels


def test_only_the_mask_takes_the_prompts_colour() -> None:
    pixels = painted(ORDER)
    assert (pixels[MASK == 0] == 200).all()
    red, green, blue = pixels[MASK > 0].mean(axis=0)
    assert red > green + 50
    assert red > blue + 50


def test_seed_and_strength_change_it_and_no_mask_is_all_of_it() -> None:
    assert np.array_equal(painted(ORDER), painted(replace(ORDER)))
    assert (painted(replace(ORDER, seed=2)) != painted(ORDER)).any()
    weak, strong = painted(replace(ORDER, strength=0.2)).astype(int), painted(ORDER).astype(int)
    assert np.abs(weak - 200).mean() < np.abs(strong - 200).mean()
    assert (painted(replace(ORDER, mask=None)) != 200).any(axis=2).all()


def test_it_refuses_what_it_was_told_to_refuse() -> None:
    refused, drawn = Overpainter(Trouble(0.0, refuse="red")).retouch([ORDER, replace(ORDER, prompt="blue")])
    assert isinstance(refused, Refusal)
    assert isinstance(drawn, Picture)
