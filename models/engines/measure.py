"""Time of a pack's modules by engine, interleaved: `python -m models.engines.measure [MODULE ...] [--engines ...]`.

Prints a table of medians with their range, and one JSON line.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import torch

from models.checkpoint import STARTER_PACK
from models.engines.cache import EngineCache
from models.engines.choice import EngineName
from models.engines.errors import EngineError
from models.engines.graph import Tensors
from models.engines.torch_engines import Compiled
from models.engines.workshop import Workshop

BATCHES = (1, 2, 4)
ROUNDS = 15

Step = Callable[[Tensors], object]
Times = Mapping[EngineName, Mapping[int, Sequence[float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=["renderer.transformer"])
    parser.add_argument(
        "--engines", nargs="+", default=["eager", "compiled", "onnxruntime"], choices=get_args(EngineName)
    )
    given = parser.parse_args()
    shop = Workshop(STARTER_PACK, "auto")
    print(f"{'module':<26} {'engine':<12} {'batch':>5} {'median ms':>10} {'range ms':>16} {'of eager':>9}")
    seconds = {}
    for module in given.modules:
        found = _timed(shop, module, given.engines)
        seconds[module] = _shown(module, found)
    print(json.dumps({"threads": torch.get_num_threads(), "seconds": seconds}))


def _timed(shop: Workshop, module: str, engines: Sequence[EngineName]) -> Times:
    graph, key = shop.opened(module)
    wide = key.profiles[-1]
    found: dict[EngineName, dict[int, list[float]]] = {}
    steps: dict[EngineName, Step] = {"eager": lambda inputs: graph.body(**inputs)}
    steps |= _steps(shop, module, engines)
    for batch in (size for size in BATCHES if size <= wide.most()["batch"]):
        inputs = graph.example(wide.usual() | {"batch": batch})
        for number in range(ROUNDS + 1):
            for name, step in steps.items():
                taken = _seconds(step, inputs)
                if number:  # the first call of a shape prepares
                    found.setdefault(name, {}).setdefault(batch, []).append(taken)
    return found


def _shown(module: str, found: Times) -> dict[EngineName, dict[int, float]]:
    medians = {engine: {batch: statistics.median(row) for batch, row in rows.items()} for engine, rows in found.items()}
    for engine, rows in found.items():
        for batch, row in rows.items():
            median, span = medians[engine][batch], f"{1e3 * min(row):.1f} - {1e3 * max(row):.1f}"
            share = median / medians["eager"][batch]
            print(f"{module:<26} {engine:<12} {batch:>5} {1e3 * median:>10.1f} {span:>16} {share:>9.2f}")
    return medians


def _steps(shop: Workshop, module: str, engines: Sequence[EngineName]) -> dict[EngineName, Step]:
    """Another copy of the module for each engine: a compiled one stays compiled."""
    steps: dict[EngineName, Step] = {}
    try:
        if "compiled" in engines:
            own, key = shop.opened(module)
            Compiled(own, key.profiles[0], EngineCache().folder)
            steps["compiled"] = lambda inputs: own.body(**inputs)
        if "onnxruntime" in engines:
            steps["onnxruntime"] = shop.engine(module, "onnxruntime").raw
    except EngineError as reason:
        print(f"{module}: {reason}")
    return steps


def _seconds(step: Step, inputs: Tensors) -> float:
    started = time.perf_counter()
    with torch.inference_mode():
        step(inputs)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
