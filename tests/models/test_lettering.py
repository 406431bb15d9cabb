"""Lettering is set whole, inside the garment, where a print sits."""

import numpy as np
import pytest

from models.domain import Mask, Picture
from models.lettering import Lettered, lettered

NAVY, WHITE, RED, BLACK = (31, 58, 120), (247, 247, 245), (190, 20, 30), (20, 20, 22)
Bits = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def cut(solid: Bits, colour: tuple[int, int, int] = NAVY) -> tuple[Picture, Mask]:
    """A flat garment of this outline on near white."""
    pixels = np.full((*solid.shape, 3), 246, np.uint8)
    pixels[solid] = colour
    return Picture(pixels), Mask(np.where(solid, np.uint8(255), np.uint8(0)), 0.9)


def box(left: int, right: int) -> Bits:
    solid = np.zeros((256, 256), bool)
    solid[30:230, left:right] = True
    return solid


def trousers() -> Bits:
    solid = box(90, 166)
    solid[90:230, 122:134] = False
    return solid


def open_front() -> Bits:
    solid = box(60, 196)
    solid[30:110, 124:132] = False
    return solid


def waisted() -> Bits:
    solid = box(60, 196)
    solid[100:150, 60:100] = solid[100:150, 156:196] = False
    return solid


OUTLINES = {
    "wide": box(60, 196), "narrow": box(100, 150), "two legs": trousers(), "slit": open_front(), "waist": waisted(),
}  # fmt: skip
TEXTS = ("A", "World Explorer", "Lieblingsmensch", "I am the big brother now", "Donaudampfschifffahrtsgesellschaft")


def inked(made: Lettered, picture: Picture, level: int = 8) -> Bits:
    return np.asarray(np.abs(made.picture.pixels.astype(int) - picture.pixels).max(axis=-1) > level)


@pytest.mark.parametrize("outline", OUTLINES)
@pytest.mark.parametrize("text", TEXTS)
def test_no_letter_is_cut_off_at_the_garments_edge(outline: str, text: str) -> None:
    picture, mask = cut(OUTLINES[outline])
    made = lettered(picture, mask, text)
    rows, columns = np.nonzero(inked(made, picture))
    assert rows.size
    # One pixel of garment is left around every letter, so that none was cut by the mask.
    around = mask.alpha[rows.min() - 1 : rows.max() + 2, columns.min() - 1 : columns.max() + 2]
    assert (around > 127).all(), (outline, text)
    assert " ".join(line.text for line in made.lines) == text


def test_the_boxes_hold_all_ink_and_nothing_far_from_it() -> None:
    picture, mask = cut(box(60, 196))
    made = lettered(picture, mask, "World Explorer Team")
    ink = inked(made, picture, 60)
    for line in made.lines:
        x0, y0, x1, y1 = line.box
        rows, columns = np.nonzero(ink[y0:y1, x0:x1])
        found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.abs(np.array(found) - (0, 0, x1 - x0, y1 - y0)).max() <= 2, (line, found)
        ink[y0:y1, x0:x1] = False
    assert not ink.any()


@pytest.mark.parametrize("colour", [NAVY, WHITE])
def test_lettering_sits_on_the_chest_and_stands_out(colour: tuple[int, int, int]) -> None:
    picture, mask = cut(box(60, 196), colour)
    rows, columns = np.nonzero(inked(lettered(picture, mask, "World Explorer"), picture, 60))
    assert rows.size > 300, rows.size
    assert rows.min() > 60
    assert rows.max() < 160
    assert abs(columns.mean() - 128) < 4


def test_on_stripes_the_letters_have_an_outline_that_plain_cloth_does_without() -> None:
    picture, mask = cut(box(60, 196), RED)
    plain = lettered(picture, mask, "ROAR").picture.pixels.max(axis=-1)
    pixels = picture.pixels.copy()
    pixels[30:230:8, 60:196] = pixels[31:230:8, 60:196] = pixels[32:230:8, 60:196] = WHITE
    made = lettered(Picture(pixels), mask, "ROAR")
    x0, y0, x1, y1 = made.lines[0].box
    letters, cloth = made.picture.pixels[y0:y1, x0:x1], pixels[y0:y1, x0:x1]
    assert (letters.max(axis=-1) < 60).any(), "black or white letters"
    assert (plain[y0:y1, x0:x1] < 60).any() != (plain[y0:y1, x0:x1] > 230).any(), "one ink on plain cloth"
    new = np.abs(letters.astype(int) - cloth).max(axis=-1) > 60
    assert (letters[new].min(axis=-1) > 200).any(), "and the other ink around them"


def test_smaller_lettering_lies_within_the_larger() -> None:
    picture, mask = cut(box(60, 196))
    large, small = (lettered(picture, mask, "Team", size).lines[0].box for size in (1.0, 0.75))
    assert large[0] < small[0] < small[2] < large[2]
    assert large[1] < small[1] < small[3] < large[3]


@pytest.mark.parametrize("text", ["", "  "])
def test_no_text_leaves_the_picture_as_it_is(text: str) -> None:
    picture, mask = cut(box(60, 196))
    made = lettered(picture, mask, text)
    assert made.picture is picture
    assert made.lines == ()


@pytest.mark.parametrize("solid", [np.zeros((256, 256), bool), box(120, 126)], ids=["nothing", "a ribbon"])
def test_where_there_is_no_room_nothing_is_set(solid: Bits) -> None:
    picture, mask = cut(solid)
    assert lettered(picture, mask, "Team").lines == ()
