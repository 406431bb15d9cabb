"""From a graph to a checked engine in the cache."""

import copy
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.engines.cache import EngineCache, Entry
from models.engines.errors import EngineError
from models.engines.export import export
from models.engines.graph import Graph, Tensors
from models.engines.keys import EngineKey, Identity, gpu_of, weights_of
from models.engines.onnx_engine import GRAPH, OnnxEngine
from models.engines.shapes import Profile
from models.engines.tensorrt_plan import PLAN, TIMINGS, TensorRtEngine, build_plan, tensorrt

Exported = OnnxEngine | TensorRtEngine
# Largest difference from the module as a share of its largest output; 16 bits are rounded after every operation.
LIMITS = {torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 5e-2}


def built(graph: Graph, key: EngineKey, cache: EngineCache) -> Entry:
    """The engine of a key: the one that is there, or a new one whose outputs were compared with the module's.

    Raises EngineError when it cannot be made or is further from the module than LIMITS.
    """
    if (entry := cache.find(key)) is not None:
        return entry
    return cache.keep(key, lambda folder: _write(graph, key, folder, cache.folder / TIMINGS))


def opened(graph: Graph, key: EngineKey, folder: Path) -> Exported:
    """A session or plan over a folder's files."""
    kind = OnnxEngine if key.engine == "onnxruntime" else TensorRtEngine
    return kind(graph, folder, key.profiles)


def compared(graph: Graph, engine: Exported, profiles: Sequence[Profile]) -> float:
    """The largest error over both ends of every profile; raises EngineError beyond the limit of the precision."""
    ends = [sizes for profile in profiles for sizes in (profile.least(), profile.most())]
    return max(_error(graph, engine, sizes) for sizes in ends)


def _error(graph: Graph, engine: Exported, sizes: Mapping[str, int]) -> float:
    inputs, limit = graph.example(sizes), LIMITS[graph.weights.dtype]
    with torch.inference_mode():
        truth, found = graph.body(**inputs), engine.raw(inputs)
    error = _apart(found, truth)
    if error > limit and graph.weights.dtype == torch.float32:
        # A module of large constants is itself rounded by more than the limit: then both are compared with float64.
        exact = _exact(graph, inputs)
        error, limit = _apart(found, exact), max(limit, _apart(truth, exact))
    if error > limit:
        raise EngineError(f"{graph.name} is off by {error:.1e} of its largest output at {dict(sizes)}, not {limit:.0e}")
    return error


def _apart(found: Sequence[Tensor], truth: Sequence[Tensor]) -> float:
    errors = [float((a.double() - b.double()).abs().max() / b.abs().max()) for a, b in zip(found, truth, strict=True)]
    return max(error if math.isfinite(error) else math.inf for error in errors)


def _exact(graph: Graph, inputs: Tensors) -> tuple[Tensor, ...]:
    body = copy.deepcopy(graph.body).double()
    doubled = {name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in inputs.items()}
    with torch.inference_mode():
        return body(**doubled)  # type: ignore[no-any-return]


def identity_of(graph: Graph, profiles: tuple[Profile, ...], weights: Path) -> Identity:
    """`weights`: the module's folder, which is read whole."""
    own = graph.weights
    precision = str(own.dtype).removeprefix("torch.")
    return Identity(graph.name, profiles, precision, gpu_of(own.device), weights_of(weights))


def _write(graph: Graph, key: EngineKey, folder: Path, timings: Path) -> dict[str, Any]:
    onnx = folder / GRAPH
    if key.engine == "tensorrt":
        tensorrt()  # before the long export
    export(graph, key.profiles[-1], onnx)
    if key.engine == "tensorrt":
        build_plan(graph, key.profiles, onnx, folder / PLAN, timings)
        for left in folder.glob(f"{GRAPH}*"):
            left.unlink()
    return {"error": compared(graph, opened(graph, key, folder), key.profiles)}
