"""Doubles that are asked to be slow, or whose weights are gone."""

import os
import time
from pathlib import Path

import pytest

from models.domain import RenderOrder
from models.doubles.recipe import RendererDouble, ScorerDouble
from models.doubles.vision import SLOWED, Sketch

ORDER = RenderOrder(prompt="a red shirt on a white background", seed=1, width=64, height=64)
DELAY_S = 0.08  # of a picture; ten times of it is seen on any machine


def seconds(double: RendererDouble) -> float:
    """Of one picture, without its drawing."""
    painter = double.load()
    sketch = painter.begin(ORDER)
    assert isinstance(sketch, Sketch)
    began = time.perf_counter()
    for _ in range(sketch.steps):
        painter.step([sketch])
    return time.perf_counter() - began


def test_only_a_process_that_is_named_is_slow_and_only_while_it_is(tmp_path: Path) -> None:
    named = tmp_path / "slowed"
    double = RendererDouble(delay_s=DELAY_S, slowed=named)
    assert seconds(double) < SLOWED / 2 * DELAY_S
    named.write_text(f"1 {os.getpid()}")
    assert seconds(double) >= SLOWED * DELAY_S
    named.write_text("1")
    assert seconds(double) < SLOWED / 2 * DELAY_S


def test_a_double_whose_weights_are_gone_does_not_load(tmp_path: Path) -> None:
    double = ScorerDouble(weights=tmp_path / "weights")
    with pytest.raises(FileNotFoundError):
        double.load()
    (tmp_path / "weights").write_bytes(b"")
    double.load()
