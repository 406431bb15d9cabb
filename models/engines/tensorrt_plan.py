"""TensorRT: a plan built from the exported graph with one optimisation profile per bucket, and its execution.

Plans are built without the flag for refitting: swapping an adapter's weights back and forth by refit has left a blend
of both, and quantised weights cannot take an adapter at all. Another adapter set is another plan, which is reloaded.
"""

import importlib
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.engines.errors import EngineError
from models.engines.graph import Graph, Tensors
from models.engines.shapes import Profile, measured

PLAN = "engine.plan"
TIMINGS = "timings.cache"
WORKSPACE = 8 << 30  # bytes a tactic may use: attention of FLUX at 1024 px wants 4 GB


def tensorrt() -> Any:
    """The library, imported where it is first needed; raises EngineError where it is missing."""
    if importlib.util.find_spec("tensorrt") is None:
        raise EngineError("TensorRT is not installed; install vitrine[gpu] on a machine with an NVIDIA GPU")
    try:
        return importlib.import_module("tensorrt")
    except ImportError as error:
        raise EngineError(f"TensorRT does not load: {error}") from error


def build_plan(graph: Graph, profiles: Sequence[Profile], onnx: Path, plan: Path, timings: Path) -> None:
    """Raises EngineError with the parser's words. `timings` is read and written: it spares the next build minutes."""
    trt = tensorrt()
    logger = trt.Logger(trt.Logger.WARNING)
    builder = trt.Builder(logger)
    # Strongly typed: the graph's own precisions hold, and nothing is rounded behind the numerical check's back.
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse_from_file(str(onnx)):
        said = "; ".join(str(parser.get_error(number)) for number in range(parser.num_errors))
        raise EngineError(f"TensorRT does not read {graph.name}: {said}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE)
    config.set_timing_cache(config.create_timing_cache(timings.read_bytes() if timings.exists() else b""), False)
    for profile in profiles:
        config.add_optimization_profile(_profile(builder, graph, profile))
    built = builder.build_serialized_network(network, config)
    if built is None:
        raise EngineError(f"TensorRT built no plan of {graph.name}; its log says why")
    plan.write_bytes(built)
    timings.parent.mkdir(parents=True, exist_ok=True)
    fresh = timings.with_suffix(".new")
    fresh.write_bytes(config.get_timing_cache().serialize())
    fresh.replace(timings)


class TensorRtEngine:
    """A plan, called like the module on the current stream. Raises EngineError where it cannot be loaded."""

    name = "tensorrt"

    def __init__(self, graph: Graph, folder: Path, profiles: Sequence[Profile]) -> None:
        trt = tensorrt()
        if graph.weights.device.type != "cuda":
            raise EngineError(f"TensorRT runs on a GPU, and {graph.name} is on the {graph.weights.device.type}")
        self._graph, self._profiles = graph, profiles
        self._dtypes = _dtypes(trt)
        self._runtime = trt.Runtime(trt.Logger(trt.Logger.WARNING))  # must outlive the engine
        self._engine = self._runtime.deserialize_cuda_engine((folder / PLAN).read_bytes())
        if self._engine is None:
            raise EngineError(f"{folder / PLAN} was built by another TensorRT or for another GPU; build it anew")
        self._context = self._engine.create_execution_context()
        self._at: int | None = None
        self._alone = threading.Lock()  # a context holds one call's shapes and addresses; decoders may be several

    def __call__(self, **call: Any) -> tuple[Tensor, ...]:
        return self.raw(self._graph.bind(call))

    def raw(self, inputs: Tensors) -> tuple[Tensor, ...]:
        """Outputs of the graph's own inputs; raises EngineError for shapes that no profile holds."""
        place = self._graph.place(inputs, self._profiles)
        with self._alone:
            return self._run(place, inputs)

    def _run(self, place: int, inputs: Tensors) -> tuple[Tensor, ...]:
        device = self._graph.weights.device
        stream = torch.cuda.current_stream(device)
        if place != self._at:
            self._context.set_optimization_profile_async(place, stream.cuda_stream)
            self._at = place
        kept = {name: tensor.contiguous() for name, tensor in inputs.items()}
        for name, tensor in kept.items():
            self._context.set_input_shape(name, tuple(tensor.shape))
            self._context.set_tensor_address(name, tensor.data_ptr())
        outputs = [self._output(name, device) for name in self._graph.outputs]
        if not self._context.execute_async_v3(stream.cuda_stream):
            raise EngineError(f"the plan of {self._graph.name} did not run; TensorRT's log says why")
        for tensor in kept.values():
            tensor.record_stream(stream)
        return tuple(outputs)

    def _output(self, name: str, device: torch.device) -> Tensor:
        shape = tuple(self._context.get_tensor_shape(name))
        output = torch.empty(shape, dtype=self._dtypes[self._engine.get_tensor_dtype(name)], device=device)
        self._context.set_tensor_address(name, output.data_ptr())
        return output


def _profile(builder: Any, graph: Graph, profile: Profile) -> Any:
    made = builder.create_optimization_profile()
    for one in graph.inputs:
        if any(isinstance(axis, str) for axis in one.shape):
            ends = (profile.least(), profile.usual(), profile.most())
            made.set_shape(one.name, *(tuple(measured(axis, sizes) for axis in one.shape) for sizes in ends))
    return made


def _dtypes(trt: Any) -> dict[Any, torch.dtype]:
    kinds = trt.DataType
    return {
        kinds.FLOAT: torch.float32, kinds.HALF: torch.float16, kinds.BF16: torch.bfloat16,
        kinds.INT32: torch.int32, kinds.INT64: torch.int64, kinds.BOOL: torch.bool,
    }  # fmt: skip
