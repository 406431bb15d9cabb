"""`vitrine check` and `vitrine finish` as a person calls them."""

import json
from pathlib import Path

import numpy as np
import pytest
from called import Command
from PIL import Image

from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment
from serve_app.catalogue.finishing import png
from serve_app.provenance.metadata import tagged


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files that are finished find what they are signed with."""
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def shirt(tmp_path: Path) -> Path:
    file = tmp_path / "shirt.png"
    drawing = draw(Garment("men", "t-shirt", "dark blue"), np.random.default_rng(1), 512)
    file.write_bytes(png(drawing.picture.pixels))
    return file


def test_a_file_that_breaks_rules_is_code_1_and_names_them(vitrine: Command, shirt: Path) -> None:
    said = vitrine("check", shirt, "--profile", "zalando")
    assert said.code == 1, said
    assert "broken: format, width, height, aspect" in said.out, said.out


def test_a_finished_file_is_code_0_by_the_same_profile(vitrine: Command, shirt: Path, tmp_path: Path) -> None:
    out = tmp_path / "finished.jpg"
    assert vitrine("finish", shirt, "--profile", "zalando", "--out", out).code == 0
    said = vitrine("check", out, "--profile", "zalando", "--json")
    report = json.loads(said.out)
    assert (said.code, report["profile"]) == (0, "zalando"), said
    assert {"pass"} == {
        line["state"] for line in report["rulings"] if line["rule"] in ("format", "background", "sharp")
    }
    assert all(set(line["reason"]) == {"de", "en"} for line in report["rulings"])


def test_a_generated_picture_goes_on_saying_so(vitrine: Command, shirt: Path, tmp_path: Path) -> None:
    shirt.write_bytes(tagged(shirt.read_bytes(), "trainedAlgorithmicMedia"))
    said = vitrine("finish", shirt, "--profile", "google.merchant", "--out", tmp_path / "a.jpg", "--json")
    told = {line["rule"]: (line["state"], line["value"]) for line in json.loads(said.out)["rulings"]}
    assert (said.code, told["digital_source_type"]) == (0, ("pass", "trainedAlgorithmicMedia")), said


def test_a_mask_cuts_a_product_off_a_background_that_is_not_plain(vitrine: Command, tmp_path: Path) -> None:
    drawing = draw(Garment("men", "hoodie", "red", backdrop="room"), np.random.default_rng(2), 512)
    photo, mask, out = tmp_path / "room.png", tmp_path / "mask.png", tmp_path / "done.jpg"
    photo.write_bytes(png(drawing.picture.pixels))
    Image.fromarray(drawing.mask.alpha).save(mask)
    refused = vitrine("finish", photo, "--profile", "amazon.main", "--out", out)
    assert (refused.code, "give --mask" in refused.err, out.exists()) == (2, True, False), refused
    done = vitrine("finish", photo, "--profile", "amazon.main", "--out", out, "--mask", mask, "--json")
    assert (done.code, "product cut out onto 255, 255, 255" in json.loads(done.out)["steps"]) == (0, True), done


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "{shirt}", "--profile", "zalanda"], "zalando"),
        (["check", "{folder}/none.jpg", "--profile", "ebay"], "cannot read"),
        (["check", "{text}", "--profile", "ebay"], "cannot be read as a picture"),
        (["finish", "{shirt}", "--profile", "ebay", "--out", "{folder}/a.pdf"], ".pdf"),
        (["finish", "{shirt}", "--profile", "zalando", "--out", "{folder}/a.png"], "takes jpeg"),
        (["finish", "{text}", "--profile", "ebay", "--out", "{folder}/a.png"], "no JPEG, PNG or WebP"),
        (["finish", "{shirt}", "--profile", "ebay", "--out", "{folder}/none/a.png"], "cannot write"),
        (["finish", "{shirt}", "--profile", "ebay", "--out", "{folder}/a.png", "--mask", "{small}"], "--mask"),
    ],
)
def test_wrong_use_is_code_2_and_says_what_to_change(
    arguments: list[str], says: str, vitrine: Command, shirt: Path, tmp_path: Path
) -> None:
    text, small = tmp_path / "text.jpg", tmp_path / "small.png"
    text.write_text("no picture")
    small.write_bytes(png(np.zeros((8, 8, 3), np.uint8)))
    said = vitrine(*(part.format(shirt=shirt, folder=tmp_path, text=text, small=small) for part in arguments))
    assert (said.code, says in said.err) == (2, True), said
