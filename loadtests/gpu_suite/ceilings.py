"""What the device itself gives: matrix products on random numbers, and a copy in its memory."""

from collections.abc import Callable
from typing import Any

import torch

from loadtests.gpu_suite.kept import Kept
from loadtests.gpu_suite.sizes import Sizes
from loadtests.gpu_suite.timing import milliseconds
from models.engines.fp8 import rounded

PART = "ceilings"


def measure(kept: Kept, sizes: Sizes, device: torch.device) -> None:
    """Cells: matmul_bf16, matmul_fp8, copy."""
    runs: dict[str, Callable[[], dict[str, Any]]] = {
        "matmul_bf16": lambda: _bf16(sizes.matrix, device),
        "matmul_fp8": lambda: _fp8(sizes.matrix, device),
        "copy": lambda: _copy(sizes.copied, device),
    }
    for name, run in runs.items():
        kept.measure(PART, name, run)


def _random(side: int, device: torch.device) -> torch.Tensor:
    return torch.randn(side, side, device=device, dtype=torch.bfloat16)


def _bf16(side: int, device: torch.device) -> dict[str, Any]:
    left, right = _random(side, device), _random(side, device)
    return _rate(milliseconds(lambda: left @ right, device), side)


def _fp8(side: int, device: torch.device) -> dict[str, Any]:
    """With a scale per row, as the linear maps of the fp8 engine run it."""
    (left, rows), (right, columns) = rounded(_random(side, device)), rounded(_random(side, device))

    def product() -> torch.Tensor:
        return torch._scaled_mm(
            left, right.t(), scale_a=rows, scale_b=columns.t(), out_dtype=torch.bfloat16, use_fast_accum=True
        )

    return _rate(milliseconds(product, device), side)


def _rate(timed: dict[str, float], side: int) -> dict[str, Any]:
    return timed | {"tflop_per_s": 2 * side**3 / timed["ms"] / 1e9}


def _copy(count: int, device: torch.device) -> dict[str, Any]:
    source = torch.randint(0, 255, (count,), dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    timed = milliseconds(lambda: target.copy_(source), device)
    return timed | {"tb_per_s": 2 * count / timed["ms"] / 1e9}  # read and written
