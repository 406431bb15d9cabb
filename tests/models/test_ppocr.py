"""The PP-OCR adapter on a small checkpoint of the real classes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_ocr
import torch
from transformers import AutoImageProcessor, AutoModelForObjectDetection, AutoModelForTextRecognition

from models.domain import Box, Picture, ReadOrder, Refusal, TextLine
from models.errors import PackError
from models.ppocr.adapter import PpocrReader
from models.ppocr.crops import crop
from models.ppocr.found import found, in_order
from models.ppocr.numbers import PpocrNumbers
from models.ppocr.recipe import PpocrRecipe

LINES: tuple[Box, ...] = ((10, 20, 90, 36), (12, 60, 60, 72), (4, 80, 120, 92))
NUMBERS = PpocrNumbers()


def noise(seed: int, size: tuple[int, int] = (128, 96)) -> Picture:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8)
    return Picture(coarse.repeat(8, axis=0).repeat(8, axis=1))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-ocr")
    small_ocr.write(folder)
    return folder


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> PpocrReader:
    """A reader that is told where lines stand."""
    folder = tmp_path_factory.mktemp("small-ocr-told")
    small_ocr.write(folder, detector=False)
    return PpocrRecipe(pack=folder, device="cpu", threads=1).load()


@pytest.fixture(scope="module")
def finding(pack: Path) -> PpocrReader:
    return PpocrRecipe(pack=pack, device="cpu", threads=1).load()


def read(reader: PpocrReader, order: ReadOrder) -> tuple[TextLine, ...]:
    (outcome,) = reader.read([order])
    assert not isinstance(outcome, Refusal), outcome
    return outcome


@torch.inference_mode()
def by_transformers(pack: Path, picture: Picture, box: Box) -> dict[str, Any]:
    model = AutoModelForTextRecognition.from_pretrained(pack / "reader").eval()
    processor = AutoImageProcessor.from_pretrained(pack / "reader")
    outputs = model(**processor(crop(picture, box), return_tensors="pt"))
    (said,) = processor.post_process_text_recognition(outputs)
    return dict(said)


def test_a_line_is_read_as_transformers_reads_it(pack: Path, told: PpocrReader) -> None:
    picture = noise(1)
    lines = read(told, ReadOrder(picture, LINES))
    wanted = [by_transformers(pack, picture, box) for box in LINES]
    assert [line.text for line in lines] == [one["text"] for one in wanted]
    assert len({line.text for line in lines}) > 1, "lines that read alike prove nothing"
    assert [line.confidence for line in lines] == pytest.approx([one["score"] for one in wanted], abs=1e-5)
    assert [line.box for line in lines] == list(LINES)


@torch.inference_mode()
def test_lines_are_found_in_the_detectors_map(pack: Path, finding: PpocrReader) -> None:
    picture = noise(2)
    model = AutoModelForObjectDetection.from_pretrained(pack / "reader-detector").eval()
    processor = AutoImageProcessor.from_pretrained(pack / "reader-detector")
    seen = processor(picture.pixels, return_tensors="pt")
    chances = model(pixel_values=seen["pixel_values"]).last_hidden_state[0, 0].numpy()
    wanted = found(chances, picture.size, PpocrNumbers(line_score=0.3))
    assert wanted, "the small detector must find something"
    assert [line.box for line in read(finding, ReadOrder(picture))] == wanted
    assert [line.box for line in read(finding, ReadOrder(picture, LINES))] == wanted, "it finds lines by itself"


def test_an_order_is_read_alone_as_in_any_company(told: PpocrReader) -> None:
    orders = [ReadOrder(noise(3), LINES), ReadOrder(noise(4), LINES[:1]), ReadOrder(noise(5, (256, 96)), LINES[1:])]
    for order, outcome in zip(orders, told.read(orders), strict=True):
        assert not isinstance(outcome, Refusal)
        alone = read(told, order)
        assert [line.text for line in outcome] == [line.text for line in alone]
        assert [line.confidence for line in outcome] == pytest.approx([line.confidence for line in alone], abs=1e-5)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("bad_picture", {"picture": Picture(np.zeros((8, 8), np.uint8))}),
        ("bad_lines", {"lines": ((0, 0, 400, 10),)}),
        ("bad_lines", {"lines": ((9, 0, 3, 10),)}),
        ("no_lines", {"lines": ()}),
    ],
)
def test_a_bad_order_is_refused_alone(told: PpocrReader, code: str, change: dict[str, Any]) -> None:
    order = ReadOrder(noise(6), LINES)
    before, wrong, after = told.read([order, replace(order, **change), order])
    assert isinstance(wrong, Refusal)
    assert wrong.code == code
    alone = [line.text for line in read(told, order)]
    for outcome in (before, after):
        assert not isinstance(outcome, Refusal)
        assert [line.text for line in outcome] == alone


def test_a_manifest_that_names_a_detector_needs_its_files(tmp_path: Path) -> None:
    small_ocr.write(tmp_path)
    (tmp_path / "reader-detector" / "model.safetensors").unlink()
    with pytest.raises(PackError, match=r"detector in .* lacks model\.safetensors"):
        PpocrRecipe(pack=tmp_path, device="cpu").load()


def test_a_core_in_the_map_grows_to_its_line() -> None:
    chances = np.zeros((64, 128), np.float32)
    chances[20:30, 40:100] = 0.9
    # The family grows a core by 1.5 times area over perimeter: 1.5 * 600 / 140 = 6.4; the picture is twice as large.
    assert found(chances, (256, 128), NUMBERS) == [(67, 27, 213, 73)]


@pytest.mark.parametrize(
    ("where", "level"), [((slice(20, 30), slice(40, 100)), 0.5), ((slice(20, 22), slice(40, 100)), 0.9)]
)
def test_what_is_unsure_or_thin_is_no_line(where: tuple[slice, slice], level: float) -> None:
    chances = np.zeros((64, 128), np.float32)
    chances[where] = level
    assert found(chances, (256, 128), NUMBERS) == []


def test_lines_come_from_the_top_and_within_a_line_from_the_left() -> None:
    good, days, happy = (10, 42, 60, 62), (80, 40, 120, 60), (20, 5, 100, 25)
    assert in_order([days, good, happy]) == [happy, good, days]
