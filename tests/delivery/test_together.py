"""Files of one article beside each other: repeats are named, other views and colours are none, and there is a most."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scenes import GARMENTS, Scene

from models.domain import Pixels
from serve_app.delivery.checks import check
from serve_app.delivery.profile import profile
from serve_app.delivery.subject import read
from serve_app.delivery.together import Checked, Impression, Together, together

SHIRT = Scene(GARMENTS[0], (640, 640), (0.8, 0.8))


def compared(name: str, *scenes: Scene) -> Together:
    rules, files = profile(name), []
    for number, scene in enumerate(scenes):
        subject = read(scene.file(), f"{number}.jpg")
        report = Checked(**check(subject, rules).model_dump(), file=f"{number}.jpg")
        files.append((report, Impression.of(subject.pixels)))
    return together(rules, files)


def told(found: Together) -> dict[str, tuple[str, str]]:
    return {ruling.rule: (ruling.state, ruling.reason["en"]) for ruling in found.rulings}


def test_the_same_picture_in_another_size_and_format_is_a_near_duplicate() -> None:
    found = compared("otto", SHIRT, Scene(GARMENTS[1], (640, 640), (0.6, 0.9)), replace(SHIRT.at(400, 400), form="png"))
    assert told(found)["near_duplicate"] == ("fail", "nearly the same: 0.jpg = 2.jpg")
    assert found.rulings[-1].level == "advised", "no marketplace forbids it"


@pytest.mark.parametrize("first", range(len(GARMENTS)))
def test_other_garments_are_no_duplicates(first: int) -> None:
    def impression(place: int) -> Impression:
        return Impression.of(np.asarray(replace(SHIRT, garment=GARMENTS[place]).image()))

    others = [place for place in range(len(GARMENTS)) if place != first]
    assert [place for place in others if impression(first).bits_from(impression(place)) is not None] == []


def test_another_colour_of_a_garment_is_another_picture() -> None:
    blue, red = (replace(SHIRT, garment=replace(GARMENTS[0], base=base)) for base in ("dark blue", "red"))
    assert told(compared("ebay", blue, red))["near_duplicate"][0] == "pass"


@pytest.mark.parametrize("seed", range(5))
def test_a_picture_that_is_a_little_brighter_is_still_the_same(seed: int) -> None:
    drawn = np.asarray(SHIRT.image())
    noise = np.random.default_rng(seed).normal(3, 2, drawn.shape)
    other: Pixels = np.clip(drawn + noise, 0, 255).astype(np.uint8)
    smaller = np.asarray(Image.fromarray(other).resize((300, 300)))
    assert Impression.of(drawn).bits_from(Impression.of(smaller)) is not None


def test_more_pictures_than_a_variant_may_have_break_a_rule() -> None:
    ten, eleven = (compared("otto", *[SHIRT.at(80, 160)] * count) for count in (10, 11))
    assert told(ten)["pictures"][0] == "pass"
    assert told(eleven)["pictures"] == ("fail", "pictures of one variant: 11, at most 10")
    assert not eleven.passes


def test_a_marketplace_without_a_most_counts_nothing() -> None:
    assert "pictures" not in told(compared("ebay", SHIRT, SHIRT))
