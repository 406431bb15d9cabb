"""A graph written as ONNX, with every axis left open that has several sizes."""

import importlib.util
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from models.engines.errors import EngineError
from models.engines.graph import Graph
from models.engines.shapes import Profile, measured

OPSET = 20  # the newest that needs no operator which onnxruntime or TensorRT 10.15 lacks
NEEDED = ("onnx", "onnxscript")


def export(graph: Graph, profile: Profile, file: Path) -> None:
    """Raises EngineError when the module cannot be written as a graph; weights stand inside the file up to 2 GB."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EngineError(f"{graph.name} cannot be exported without {', '.join(missing)}; install vitrine[engines]")
    inputs = graph.example(_unalike(profile))
    open_axes = {one.name: _open(one.shape, profile) for one in graph.inputs}
    for noisy in ("torch.onnx", "onnxscript", "onnx_ir"):
        logging.getLogger(noisy).setLevel(logging.ERROR)  # a line per folded constant otherwise
    try:
        with torch.no_grad():
            program = torch.onnx.export(
                graph.body.eval(), (), kwargs=inputs, dynamo=True, opset_version=OPSET, verbose=False,
                dynamic_shapes={"inputs": open_axes}, input_names=list(inputs), output_names=list(graph.outputs),
            )  # fmt: skip
    except torch.onnx.errors.OnnxExporterError as error:
        raise EngineError(f"{graph.name} cannot be exported: {str(error).splitlines()[0]}") from error
    assert program is not None
    program.save(str(file), external_data=_bytes(graph) >= 2**31)  # protobuf's limit


def _open(shape: Sequence[int | str], profile: Profile) -> dict[int, Any]:
    """The axes that may have several sizes; one that has a single size is part of the graph."""
    auto = torch.export.Dim.AUTO
    least, most = profile.least(), profile.most()
    return {place: auto for place, axis in enumerate(shape) if measured(axis, least) != measured(axis, most)}


def _unalike(profile: Profile) -> Mapping[str, int]:
    """Sizes of the example: above 1 and apart from each other, so that none is taken for a constant or another.

    Multiples of 8, so that three halvings leave whole numbers.
    """
    spans = sorted(profile.spans.items())
    wanted = {axis: 2 if axis == "batch" else 8 * (place + 2) for place, (axis, _) in enumerate(spans)}
    return {axis: max(span.least, min(wanted[axis], span.most)) for axis, span in spans}


def _bytes(graph: Graph) -> int:
    return sum(weight.numel() * weight.element_size() for weight in graph.body.parameters())
