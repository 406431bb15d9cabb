"""The fastest engine that can serve does, the others say why not."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor

from models.engines.choice import EngineChoice, EngineName, choose
from models.engines.errors import EngineError
from models.engines.graph import Engine


class Named:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, **call: Any) -> tuple[Tensor, ...]:
        raise NotImplementedError


def offers(*able: EngineName) -> dict[EngineName, Callable[[], Engine]]:
    def offer(name: EngineName) -> Engine:
        if name not in able:
            raise EngineError(f"{name} is not here")
        return Named(name)

    names: tuple[EngineName, ...] = ("tensorrt", "onnxruntime", "fp8", "compiled", "eager")
    return {name: lambda name=name: offer(name) for name in names}


@pytest.mark.parametrize(
    ("wanted", "able", "serves"),
    [
        ("auto", ("tensorrt", "onnxruntime", "compiled", "eager"), "tensorrt"),
        ("auto", ("onnxruntime", "compiled", "eager"), "onnxruntime"),
        ("auto", ("fp8", "compiled", "eager"), "compiled"),
        ("auto", ("eager",), "eager"),
        ("tensorrt", ("onnxruntime", "fp8", "eager"), "onnxruntime"),
        ("onnxruntime", ("tensorrt", "compiled", "eager"), "compiled"),
        ("fp8", ("tensorrt", "onnxruntime", "fp8", "eager"), "fp8"),
        ("fp8", ("tensorrt", "onnxruntime", "compiled", "eager"), "compiled"),
        ("eager", ("tensorrt", "onnxruntime", "compiled", "eager"), "eager"),
    ],
)
def test_of_those_that_can_serve(wanted: EngineChoice, able: tuple[EngineName, ...], serves: str) -> None:
    assert choose("renderer.transformer", wanted, offers(*able)).name == serves


def test_every_engine_that_is_passed_over_has_its_reason_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        choose("renderer.transformer", "tensorrt", offers("eager"))
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [
        ("WARNING", "renderer.transformer: not tensorrt: tensorrt is not here"),
        ("INFO", "renderer.transformer: not onnxruntime: onnxruntime is not here"),
        ("INFO", "renderer.transformer: not compiled: compiled is not here"),
        ("INFO", "renderer.transformer: eager serves"),
    ]


def test_an_unforeseen_failure_is_no_reason_to_go_on() -> None:
    able = offers("eager")

    def broken() -> Engine:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        choose("renderer.transformer", "auto", able | {"tensorrt": broken})
