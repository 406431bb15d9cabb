"""FLUX.1-dev's case, 28 guided steps under 512 tokens: what links these figures with published ones."""

import functools
import statistics
import time
from typing import Any

import torch

from loadtests.gpu_suite.denoiser import Denoisers, inputs, tflop
from loadtests.gpu_suite.kept import Kept
from loadtests.gpu_suite.sizes import Sizes
from loadtests.gpu_suite.timing import wait

PART = "bridge"
TIMES = 3  # after one that compiles


def measure(kept: Kept, sizes: Sizes, made: Denoisers, engine: str) -> None:
    """A cell per engine: seconds of all steps of one picture of the largest side, without text and decoding."""
    if kept.missing(PART, [engine]):
        kept.measure(PART, engine, functools.partial(_steps, sizes, made, engine))
        made.forget(guided=True)


def _steps(sizes: Sizes, made: Denoisers, engine: str) -> dict[str, Any]:
    device = made.device
    config, side = sizes.flux | {"guidance_embeds": True}, sizes.sides[-1]
    module, given = made.of(engine, guided=True), inputs(config, side, 1, sizes.bridge_tokens, device)
    seconds = []
    with torch.inference_mode():
        for _ in range(1 + TIMES):
            began = time.perf_counter()
            for _ in range(sizes.bridge_steps):
                module(**given)
            wait(device)
            seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds[1:])
    operations = sizes.bridge_steps * tflop(config, side, 1, sizes.bridge_tokens)
    return {
        "s": median, "s_min": min(seconds[1:]), "s_max": max(seconds[1:]), "first_s": seconds[0], "side": side,
        "steps": sizes.bridge_steps, "tokens": sizes.bridge_tokens, "tflop_per_s": operations / median,
    }  # fmt: skip
