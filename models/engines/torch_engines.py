"""The module itself: as it is, with its repeated blocks compiled, or with its linear maps in 8 bits besides."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.engines.errors import EngineError
from models.engines.fp8 import quantised, require_hopper
from models.engines.graph import Graph, repeated
from models.engines.shapes import Profile


class Eager:
    """The module as it is, with whatever adapters are active on it."""

    name = "eager"

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __call__(self, **call: Any) -> tuple[Tensor, ...]:
        return self._graph.eager(**call)


class Compiled(Eager):
    """The repeated blocks compiled. Raises EngineError where they do not compile, and leaves the module as it was."""

    name = "compiled"

    def __init__(self, graph: Graph, profile: Profile, kept: Path) -> None:
        """`kept`: where compiled code outlives the process."""
        super().__init__(graph)
        with torch.inference_mode():
            _compile(graph.regions, graph.weights.device, kept, lambda: graph.body(**graph.example(profile.usual())))


class EightBits:
    """Compiled, with linear maps in 8 bits, of the base alone: its maps carry no adapters.

    Raises EngineError without a Hopper GPU, or when the outputs of `probe`, a real call, come out too far apart.
    """

    name = "fp8"

    def __init__(self, graph: Graph, probe: dict[str, Any], kept: Path) -> None:
        require_hopper(graph.weights.device)
        self._bind, self._run = graph.bind, graph.body.run
        inputs = graph.bind(probe)
        with torch.inference_mode():
            self._module, self.report = quantised(graph.body.module, lambda module: self._run(module, inputs)[0])
            _compile(repeated(self._module), graph.weights.device, kept, lambda: self._run(self._module, inputs))

    def __call__(self, **call: Any) -> tuple[Tensor, ...]:
        return self._run(self._module, self._bind(call))


def _compile(regions: Sequence[nn.Module], device: torch.device, kept: Path, call: Callable[[], object]) -> None:
    if device.type == "cpu" and shutil.which("g++") is None and shutil.which("clang++") is None:
        raise EngineError("no C++ compiler is installed, and Inductor needs one on a CPU")
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        raise EngineError("triton is not installed, and Inductor needs it on a GPU")
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(kept / "inductor"))
    os.environ.setdefault("TRITON_CACHE_DIR", str(kept / "triton"))
    for region in regions:
        region.compile()
    try:
        call()
    except Exception as error:  # a compiler fails in as many ways as there are compilers
        for region in regions:
            region._compiled_call_impl = None
        raise EngineError(f"it does not compile: {str(error).strip().splitlines()[0]}") from error
