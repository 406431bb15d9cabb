"""What is asked of TensorRT, which no test machine has: a recorder stands in its place up to the build."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from models.engines.errors import EngineError
from models.engines.graphs.flux import flux_profiles
from models.engines.tensorrt_plan import PLAN, TIMINGS, TensorRtEngine, build_plan
from models.engines.workshop import Workshop
from models.flux.numbers import FluxNumbers

HOUSE = FluxNumbers(width=1024, height=1024, steps=4, guidance=0.0, max_sequence_length=256, largest_side=1536, batch=4)


class Recorder:
    """The builder's side of TensorRT 10's Python API; keeps what it is told."""

    def __init__(self, readable: bool = True, buildable: bool = True) -> None:
        self.profiles: list[dict[str, tuple[Any, ...]]] = []
        self.flags, self.calls, self.timings_read = 0, [], b""
        self._readable, self._buildable = readable, buildable
        self.Logger = lambda level: None
        self.Logger.WARNING = 1  # type: ignore[attr-defined]
        self.NetworkDefinitionCreationFlag = SimpleNamespace(STRONGLY_TYPED=1)
        self.MemoryPoolType = SimpleNamespace(WORKSPACE="workspace")

    def Builder(self, logger: Any) -> "Recorder":  # noqa: N802
        return self

    def create_network(self, flags: int) -> "Recorder":
        self.flags = flags
        return self

    def OnnxParser(self, network: Any, logger: Any) -> Any:  # noqa: N802
        return SimpleNamespace(
            parse_from_file=lambda file: self._readable and Path(file).is_file(),
            num_errors=1,
            get_error=lambda number: "node 7: no such operator",
        )

    def create_builder_config(self) -> Any:
        def kept(cache: bytes, ignore_mismatch: bool) -> None:
            self.timings_read = cache

        return SimpleNamespace(
            set_memory_pool_limit=lambda pool, size: self.calls.append((pool, size)),
            create_timing_cache=lambda data: data,
            set_timing_cache=kept,
            get_timing_cache=lambda: SimpleNamespace(serialize=lambda: self.timings_read + b"+"),
            add_optimization_profile=self.profiles.append,
        )

    def create_optimization_profile(self) -> Any:
        class Shapes(dict[str, tuple[Any, ...]]):
            def set_shape(self, name: str, least: Any, usual: Any, most: Any) -> None:
                self[name] = (least, usual, most)

        return Shapes()

    def build_serialized_network(self, network: Any, config: Any) -> bytes | None:
        return b"a plan" if self._buildable else None


@pytest.fixture
def onnx(tmp_path: Path) -> Path:
    file = tmp_path / "graph.onnx"
    file.write_bytes(b"a graph")
    return file


def recorded(monkeypatch: pytest.MonkeyPatch, **able: bool) -> Recorder:
    recorder = Recorder(**able)
    monkeypatch.setitem(sys.modules, "tensorrt", recorder)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    return recorder


def test_a_plan_has_a_profile_per_bucket_and_one_for_what_lies_between(
    workshop: Workshop, onnx: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, _ = workshop.modules["renderer.transformer"].make(torch.float32)
    profiles = flux_profiles(HOUSE, 16)
    recorder = recorded(monkeypatch)
    build_plan(graph, profiles, onnx, onnx.parent / PLAN, onnx.parent / TIMINGS)
    assert (onnx.parent / PLAN).read_bytes() == b"a plan"
    tokens = [[shape[1] for shape in shapes["hidden_states"]] for shapes in recorder.profiles]
    batches = [[shape[0] for shape in shapes["hidden_states"]] for shapes in recorder.profiles]
    assert tokens == [[1024] * 3, [4096] * 3, [9216] * 3, [1, 4096, 9216]]  # 512, 1024, 1536 px, and all between
    assert batches == [[1, 4, 4], [1, 1, 4], [1, 1, 4], [1, 1, 4]]  # drafts in whole batches
    assert all(set(shapes) == {one.name for one in graph.inputs} for shapes in recorder.profiles)
    assert recorder.flags == 1 << 1


def test_the_timings_of_one_build_are_read_by_the_next(
    workshop: Workshop, onnx: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, profiles = workshop.modules["renderer.text_encoder"].make(torch.float32)
    recorder = recorded(monkeypatch)
    for expected in (b"", b"+"):
        build_plan(graph, profiles, onnx, onnx.parent / PLAN, onnx.parent / TIMINGS)
        assert recorder.timings_read == expected


@pytest.mark.parametrize(
    ("able", "said"), [({"readable": False}, "no such operator"), ({"buildable": False}, "built no plan")]
)
def test_what_tensorrt_cannot_do_is_said(
    workshop: Workshop, onnx: Path, monkeypatch: pytest.MonkeyPatch, able: dict[str, bool], said: str
) -> None:
    graph, profiles = workshop.modules["renderer.text_encoder"].make(torch.float32)
    recorded(monkeypatch, **able)
    with pytest.raises(EngineError, match=said):
        build_plan(graph, profiles, onnx, onnx.parent / PLAN, onnx.parent / TIMINGS)
    assert not (onnx.parent / PLAN).exists()


def test_a_machine_without_tensorrt_says_what_to_install(
    workshop: Workshop, onnx: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "tensorrt" else there(name))
    graph, profiles = workshop.modules["renderer.text_encoder"].make(torch.float32)
    with pytest.raises(EngineError, match="install vitrine\\[gpu\\]"):
        TensorRtEngine(graph, onnx.parent, profiles)
    with pytest.raises(EngineError, match="install vitrine\\[gpu\\]"):
        workshop.build("renderer.text_encoder", "tensorrt")


def test_a_plan_is_not_run_on_a_cpu(workshop: Workshop, onnx: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, profiles = workshop.modules["renderer.text_encoder"].make(torch.float32)
    recorded(monkeypatch)
    with pytest.raises(EngineError, match="runs on a GPU"):
        TensorRtEngine(graph, onnx.parent, profiles)
