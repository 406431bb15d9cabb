"""The shipped reader reads lettering as the catalogue sets it, and the verdict finds lettering that is wrong."""

from functools import cache

import numpy as np
import pytest

from models.domain import Attributes, Picture, ReadOrder, Refusal
from models.lettering import Lettered, lettered
from models.ppocr.adapter import PpocrReader
from models.ppocr.recipe import PpocrRecipe
from models.starter.drawing import Drawing, Garment, draw
from serve_app.catalogue.verdict import Evidence, Thresholds
from serve_app.catalogue.verdict.lettering import motif_text

SHIRTS = {
    "plain": Garment(audience="women", type="t-shirt", base="dark green", sleeve="short", neckline="crew"),
    "melange": Garment("men", "sweatshirt", "blue", pattern="melange"),
    "striped": Garment("women", "t-shirt", "white", pattern="striped", second="dark blue", second_role="stripe"),
    "pale": Garment("men", "tank top", "ecru"),
}
SLOGANS = ("Sunny days", "World Explorer", "TEAM", "Let's play", "Hello Spring")


@cache
def reader() -> PpocrReader:
    return PpocrRecipe(threads=1).load()


@cache
def shirt(name: str) -> Drawing:
    return draw(SHIRTS[name], np.random.default_rng(4))


def state(name: str, stated: str, made: Lettered) -> str:
    drawing, boxes = shirt(name), tuple(line.box for line in made.lines)
    (reading,) = reader().read([ReadOrder(made.picture, boxes)])
    assert not isinstance(reading, Refusal), reading
    seen = Evidence(
        drawing.picture, made.picture, drawing.mask, Attributes(motif_text=stated), Thresholds(), lines=boxes,
        reading=reading,
    )  # fmt: skip
    return motif_text(seen).state


@pytest.mark.parametrize("name", SHIRTS)
@pytest.mark.parametrize("text", SLOGANS)
def test_lettering_as_it_is_set_reads_as_stated(name: str, text: str) -> None:
    drawing = shirt(name)
    assert state(name, text, lettered(drawing.picture, drawing.mask, text)) == "pass"


@pytest.mark.parametrize("name", SHIRTS)
@pytest.mark.parametrize("said", ["Ocean waves", "Sunny", "Sonnentage"])
def test_other_lettering_fails(name: str, said: str) -> None:
    drawing = shirt(name)
    assert state(name, "Sunny days", lettered(drawing.picture, drawing.mask, said)) == "fail"


@pytest.mark.parametrize("name", SHIRTS)
def test_lettering_that_the_garments_edge_cuts_off_fails(name: str) -> None:
    drawing = shirt(name)
    made = lettered(drawing.picture, drawing.mask, "Sunny days")
    pixels = made.picture.pixels.copy()
    for line in made.lines:
        x0, y0, x1, y1 = line.box
        end = slice((x0 + x1) // 2, x1)
        pixels[y0:y1, end] = drawing.picture.pixels[y0:y1, end]
    assert state(name, "Sunny days", Lettered(Picture(pixels), made.lines)) == "fail"


@pytest.mark.parametrize("name", SHIRTS)
def test_plain_cloth_says_nothing_that_was_stated(name: str) -> None:
    drawing = shirt(name)
    lines = lettered(drawing.picture, drawing.mask, "Sunny days").lines
    assert state(name, "Sunny days", Lettered(drawing.picture, lines)) == "fail"


def test_words_are_read_alone_as_in_company() -> None:
    drawing = shirt("plain")
    made = [lettered(drawing.picture, drawing.mask, text) for text in SLOGANS]
    orders = [ReadOrder(one.picture, tuple(line.box for line in one.lines)) for one in made]
    alone = [reader().read([order])[0] for order in orders]
    for together, single in zip(reader().read(orders), alone, strict=True):
        assert not isinstance(together, Refusal)
        assert not isinstance(single, Refusal)
        assert [line.text for line in together] == [line.text for line in single]
