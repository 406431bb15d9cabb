"""Milliseconds of work on a device: CUDA events where there are some, the clock on a CPU."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

WARM = 3  # calls before the clock counts: allocation, kernels' choice
LEAST, MOST, FOR_S = 5, 50, 2.0  # timed calls: as many as fit into two seconds, within these bounds


def milliseconds(call: Callable[[], Any], device: torch.device, warm: int = WARM) -> dict[str, float]:
    """Median and range of a call's time on the device."""
    for _ in range(warm):
        call()
    one = _timed(call, device)
    times = [_timed(call, device) for _ in range(max(LEAST, min(MOST, int(FOR_S * 1000 / max(one, 0.01)))))]
    return {"ms": statistics.median(times), "ms_min": min(times), "ms_max": max(times), "calls": len(times)}


def _timed(call: Callable[[], Any], device: torch.device) -> float:
    if device.type != "cuda":
        began = time.perf_counter()
        call()
        return (time.perf_counter() - began) * 1000
    first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
    first.record()
    call()
    last.record()
    last.synchronize()
    milliseconds: float = first.elapsed_time(last)
    return milliseconds


def wait(device: torch.device) -> None:
    """Until everything that was asked of the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
