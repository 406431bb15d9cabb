"""ONNX Runtime: a session over an exported graph, on the CPU, with CUDA, or with TensorRT's provider."""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.dlpack import from_dlpack

from models.engines.errors import EngineError
from models.engines.graph import Graph, Tensors
from models.engines.shapes import Profile, measured

GRAPH = "graph.onnx"
CUDA, TENSORRT = "CUDAExecutionProvider", "TensorrtExecutionProvider"
# ONNX's numbers of element types: numpy, which the binding takes otherwise, has no bfloat16.
ELEMENTS = {
    torch.float32: 1, torch.int32: 6, torch.int64: 7, torch.bool: 9, torch.float16: 10, torch.bfloat16: 16,
}  # fmt: skip


class OnnxEngine:
    """Called like the module. Raises EngineError where onnxruntime or a provider for the device is missing."""

    name = "onnxruntime"

    def __init__(self, graph: Graph, folder: Path, profiles: Sequence[Profile]) -> None:
        """`folder` holds graph.onnx and what TensorRT's provider has made of it."""
        if importlib.util.find_spec("onnxruntime") is None:
            raise EngineError("onnxruntime is not installed; install vitrine[engines], on a GPU vitrine[gpu]")
        import onnxruntime

        self._graph, self._profiles, self._device = graph, profiles, graph.weights.device
        providers = _providers(graph, profiles, folder, set(onnxruntime.get_available_providers()))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()  # as many as the module itself would take
        try:
            self._session = onnxruntime.InferenceSession(folder / GRAPH, options, providers=providers)
        except Exception as error:  # its errors share no base class
            raise EngineError(f"onnxruntime does not open {folder / GRAPH}: {error}") from error

    def __call__(self, **call: Any) -> tuple[Tensor, ...]:
        return self.raw(self._graph.bind(call))

    def raw(self, inputs: Tensors) -> tuple[Tensor, ...]:
        """Outputs of the graph's own inputs; raises EngineError for shapes that no profile holds."""
        self._graph.place(inputs, self._profiles)
        binding = self._session.io_binding()
        device, number = self._device.type, self._device.index or 0
        kept = {name: tensor.contiguous() for name, tensor in inputs.items()}  # alive until the run is over
        for name, tensor in kept.items():
            binding.bind_input(name, device, number, ELEMENTS[tensor.dtype], tuple(tensor.shape), tensor.data_ptr())
        for name in self._graph.outputs:
            binding.bind_output(name, device, number)
        if device == "cuda":
            torch.cuda.current_stream(self._device).synchronize()  # the session has a stream of its own
        self._session.run_with_iobinding(binding)
        return tuple(from_dlpack(value._ortvalue) for value in binding.get_outputs())


def _providers(
    graph: Graph, profiles: Sequence[Profile], folder: Path, there: set[str]
) -> list[tuple[str, dict[str, Any]]]:
    """The CPU's, or CUDA's with TensorRT's before it where that is installed."""
    device = graph.weights.device
    if device.type == "cpu":
        return [("CPUExecutionProvider", {})]
    if CUDA not in there:
        raise EngineError(f"this onnxruntime has no {CUDA}, only {sorted(there)}; install vitrine[gpu]")
    number = {"device_id": device.index or 0}
    if TENSORRT not in there:
        return [(CUDA, number)]
    wide = profiles[-1]
    shapes = {"min": wide.least(), "opt": wide.usual(), "max": wide.most()}
    spans = {f"trt_profile_{end}_shapes": _spelt(graph, sizes) for end, sizes in shapes.items()}
    kept = {"trt_engine_cache_enable": True, "trt_engine_cache_path": str(folder)}
    return [(TENSORRT, number | kept | spans), (CUDA, number)]


def _spelt(graph: Graph, sizes: Mapping[str, int]) -> str:
    """`name:1x2,...` as the provider reads it."""
    return ",".join(
        f"{one.name}:{'x'.join(str(measured(axis, sizes)) for axis in one.shape)}" for one in graph.inputs if one.shape
    )
