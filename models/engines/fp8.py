"""Linear maps in 8-bit floats with a scale per row, for Hopper; those whose numbers do not bear it stay as they are."""

import copy
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from models.engines.errors import EngineError

FORMAT = torch.float8_e4m3fn
LARGEST = 448.0  # of this format
STEP = 2.0**-4  # a number is rounded by at most this share of itself: three bits of mantissa
HOPPER = (9, 0)  # the first whose matrix units take scales per row
MULTIPLE = 16  # what those units ask of both sides of a matrix
# Embeddings and the last map set the scale of all that follows, as the maps of norms do in every block; all are small.
ENDS = ("x_embedder", "context_embedder", "time_text_embed", "time_embedding", "norm_out", "proj_out")
LAYER_LIMIT = 0.06  # relative error of a map's output; two roundings of even numbers give 0.036
MODULE_LIMIT = 0.10  # relative error of the whole module's output against 16 bits

logger = logging.getLogger(__name__)


def rounded(values: Tensor) -> tuple[Tensor, Tensor]:
    """8-bit values and a float32 scale per row (..., 1) of a matrix (rows, columns)."""
    values = values.float()
    scale = values.abs().amax(-1, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny * LARGEST) / LARGEST
    return (values / scale).clamp(-LARGEST, LARGEST).to(FORMAT), scale


class RowwiseLinear(nn.Module):
    """A `Linear` whose weights are 8 bits wide; rows of what comes in are rounded as they come."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight, scale = rounded(linear.weight.detach())
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale)
        self.bias = linear.bias
        self.in_features, self.out_features = linear.in_features, linear.out_features

    def forward(self, given: Tensor) -> Tensor:
        rows, scale = rounded(given.reshape(-1, self.in_features))
        weight, own = cast(Tensor, self.weight), cast(Tensor, self.scale)
        found = torch._scaled_mm(
            rows, weight.t(), scale_a=scale, scale_b=own.t(), out_dtype=torch.bfloat16, use_fast_accum=True
        )
        if self.bias is not None:
            found = found + self.bias
        return found.to(given.dtype).reshape(*given.shape[:-1], self.out_features)


@dataclass(frozen=True)
class Report:
    """Relative error of each map in 8 bits, what was left as it was and why, and the error of the whole."""

    maps: Mapping[str, float]
    refused: Mapping[str, str]
    whole: float


def quantised(module: nn.Module, run: Callable[[nn.Module], Tensor]) -> tuple[nn.Module, Report]:
    """A twin of a module with its linear maps in 8 bits; it shares every other weight, and the module is unchanged.

    `run` calls a module on real inputs. Raises EngineError when the whole differs by more than MODULE_LIMIT.
    """
    truth = run(module)
    seen, refused = _errors(module, run)
    for name, error in seen.items():
        if error > LAYER_LIMIT:
            refused[name] = f"its output would be off by {error:.3f}, allowed are {LAYER_LIMIT}"
    made = twin(module)
    kept = {name: error for name, error in seen.items() if name not in refused}
    for name in kept:
        parent, _, own = name.rpartition(".")
        setattr(made.get_submodule(parent), own, RowwiseLinear(cast(nn.Linear, module.get_submodule(name))))
    whole = relative(run(made), truth)
    if not kept or whole > MODULE_LIMIT:
        said = f"with {len(kept)} maps in 8 bits it is off by {whole:.3f}, allowed are {MODULE_LIMIT}; leave fp8 off"
        raise EngineError(f"{type(module).__name__}: {said}")
    logger.info("%d maps in 8 bits, %d as they were, off by %.4f", len(kept), len(refused), whole)
    return made, Report(kept, refused, whole)


def require_hopper(device: torch.device) -> None:
    """Raises EngineError where 8-bit maps with row scales would be emulated, which is slower than 16 bits."""
    if device.type != "cuda" or torch.cuda.get_device_capability(device) < HOPPER:
        raise EngineError(f"8-bit maps with row scales need a Hopper GPU or later, not {device.type}")


def relative(found: Tensor, truth: Tensor) -> float:
    """Norm of the difference as a share of the truth's; infinite where something is no number."""
    error = float((found.float() - truth.float()).norm() / truth.float().norm())
    return error if math.isfinite(error) else math.inf


def twin(module: nn.Module) -> nn.Module:
    """A module of its own with the same weights: what is put into one's places is not put into the other's."""
    made = copy.copy(module)
    made._modules = {name: None if child is None else twin(child) for name, child in module._modules.items()}
    return made


def _errors(module: nn.Module, run: Callable[[nn.Module], Tensor]) -> tuple[dict[str, float], dict[str, str]]:
    """Relative error of every map in 8 bits on what really comes in, and those that are left out by their place."""
    found: dict[str, float] = {}
    refused: dict[str, str] = {}
    hooks = []
    for name, map_ in module.named_modules():
        if not isinstance(map_, nn.Linear):
            continue
        if (reason := _skipped(name, map_)) is not None:
            refused[name] = reason
        else:
            hooks.append(map_.register_forward_hook(_watching(found, name)))
    try:
        run(module)
    finally:
        for hook in hooks:
            hook.remove()
    return found, refused


def _skipped(name: str, map_: nn.Linear) -> str | None:
    first, *deeper = name.split(".")
    if first in ENDS or any(part.startswith("norm") for part in deeper):
        return "embeddings, norms and the last map stay in 16 bits"
    if map_.in_features % MULTIPLE or map_.out_features % MULTIPLE:
        return f"{map_.in_features} x {map_.out_features} is no multiple of {MULTIPLE}"
    return None


def _watching(found: dict[str, float], name: str) -> Any:
    def watch(map_: nn.Module, given: Sequence[Tensor], out: Tensor) -> None:
        error = relative(RowwiseLinear(cast(nn.Linear, map_))(given[0]), out)
        worst = found.get(name, 0.0)
        found[name] = max(error, worst)

    return watch
