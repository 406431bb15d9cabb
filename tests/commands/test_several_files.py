"""`vitrine check` over the files of one article."""

import json
from pathlib import Path

import numpy as np
import pytest
from called import Command
from PIL import Image

from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two garments, and the first of them once more in half its size."""
    drawn = [
        Image.fromarray(draw(Garment("men", kind, "red"), np.random.default_rng(1), 640).picture.pixels)
        for kind in ("t-shirt", "trousers")
    ]
    shown = {"front.jpg": drawn[0], "other.jpg": drawn[1], "again.png": drawn[0].resize((320, 320))}
    for name, image in shown.items():
        image.save(tmp_path / name)
    return [tmp_path / name for name in shown]


def test_repeats_are_named_beside_what_each_file_keeps(vitrine: Command, files: list[Path]) -> None:
    said = vitrine("check", *files, "--profile", "ebay", "--json")
    found = json.loads(said.out)
    assert (found["profile"], [Path(report["file"]).name for report in found["files"]]) == (
        "ebay",
        ["front.jpg", "other.jpg", "again.png"],
    ), said
    [alike] = [ruling for ruling in found["rulings"] if ruling["rule"] == "near_duplicate"]
    assert (alike["state"], alike["level"]) == ("fail", "advised")
    assert alike["reason"]["de"] == f"fast gleich: {files[0]} = {files[2]}"
    assert (said.code, found["passes"]) == (1, False), "the small one has too few pixels for eBay"
    words = vitrine("check", *files[:2], "--profile", "ebay")
    assert (words.code, words.out.splitlines()[-1]) == (
        0,
        "pass     near_duplicate       no picture is like another  (advised)",
    )


def test_one_mask_for_several_pictures_is_wrong_use(vitrine: Command, files: list[Path]) -> None:
    said = vitrine("check", *files, "--profile", "ebay", "--mask", files[0])
    assert (said.code, "--mask belongs to one picture, and 3 are given" in said.err) == (2, True), said
