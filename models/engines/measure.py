"""Time of one denoising step of a pack's renderer by engine, interleaved: `python -m models.engines.measure`.

Prints a table of medians with their range, and one JSON line.
"""

import json
import statistics
import time
from collections.abc import Callable

import torch

from models.checkpoint import STARTER_PACK
from models.engines.cache import EngineCache
from models.engines.choice import EngineName
from models.engines.errors import EngineError
from models.engines.graph import Graph, Tensors
from models.engines.torch_engines import Compiled
from models.engines.workshop import Workshop

MODULE = "renderer.transformer"
BATCHES = (1, 4, 8)
ROUNDS = 15

Step = Callable[[Tensors], object]


def main() -> None:
    shop = Workshop(STARTER_PACK, "auto")
    graph, key = shop.opened(MODULE)
    house = key.profiles[-1].usual()
    found: dict[str, dict[int, list[float]]] = {}
    steps = _steps(shop, graph)
    for batch in BATCHES:
        inputs = graph.example(house | {"batch": batch})
        for number in range(ROUNDS + 1):
            for name, step in steps.items():
                taken = _seconds(step, inputs)
                if number:  # the first call of a shape prepares
                    found.setdefault(name, {}).setdefault(batch, []).append(taken)
    print(f"{'engine':<12} {'batch':>5} {'median ms':>10} {'range ms':>16} {'of eager':>9}")
    medians = {engine: {batch: statistics.median(row) for batch, row in rows.items()} for engine, rows in found.items()}
    for engine, rows in found.items():
        for batch, row in rows.items():
            median, span = medians[engine][batch], f"{1e3 * min(row):.1f} - {1e3 * max(row):.1f}"
            print(f"{engine:<12} {batch:>5} {1e3 * median:>10.1f} {span:>16} {median / medians['eager'][batch]:>9.2f}")
    print(json.dumps({"module": MODULE, "threads": torch.get_num_threads(), "tokens": house, "seconds": medians}))


def _steps(shop: Workshop, graph: Graph) -> dict[EngineName, Step]:
    """Another copy of the module for each engine: a compiled one stays compiled."""
    steps: dict[EngineName, Step] = {"eager": lambda inputs: graph.body(**inputs)}
    own, key = shop.opened(MODULE)
    try:
        Compiled(own, key.profiles[0], EngineCache().folder)
        steps["compiled"] = lambda inputs: own.body(**inputs)
    except EngineError as reason:
        print(f"compiled: {reason}")
    try:
        steps["onnxruntime"] = shop.engine(MODULE, "onnxruntime").raw
    except EngineError as reason:
        print(f"onnxruntime: {reason}")
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
