"""What cannot be seen from outside: batches as the deployments have them, and the parts of a stage's work."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from loadtests.marketplace.corpus import Corpus
from serve_app.capacity.costs import Cost, Costs, Drawing

PROFILED = 6  # rounds of five pictures in this process: medians of parts that take milliseconds
TEXTS = (1, 4)  # extractions together: a step of several costs little more than a step of one


def starter() -> Costs:
    """What cannot be seen from outside: batches as the deployments have them, and the parts of a rendering."""
    begin_s, step_s, four_s, decode_s = parts()
    each_s = max(0.0, (four_s - step_s) / 3)
    drawing = Drawing(
        begin_s=begin_s, fixed_s=max(0.0, step_s - each_s), each_s=each_s, decode_s=decode_s, together=4, decoders=2,
        nice=10,
    )  # fmt: skip
    alone_s, four_s = texts()
    joined_s = max(0.0, four_s - alone_s) / (TEXTS[1] - TEXTS[0])
    extractor = Cost(fixed_s=max(0.0, alone_s - joined_s), each_s=joined_s, together=8, room=64)
    own = Cost(nice=5)  # the conductor's threads and loop
    return Costs(
        translator=Cost(each_s=0.01, together=16, room=32), extractor=extractor, renderer=drawing,
        scorer=Cost(each_s=0.05, together=16, room=32), segmenter=Cost(each_s=0.05, together=8, room=16),
        conduct=own, read=own, judge=own, seal=own,
    )  # fmt: skip


def parts() -> tuple[float, float, float, float]:
    """Medians of the starter's renderer in this process: text, a step of one and of four pictures, decoding."""
    from models.domain import Refusal, RenderOrder
    from models.flux.recipe import FluxRecipe

    renderer = FluxRecipe(threads=1).load()
    times: dict[str, list[float]] = {name: [] for name in ("begin", "one", "four", "decode")}
    for number in range(PROFILED):
        orders = [RenderOrder(f"a shirt on white, number {number} {place}", number, 256, 256) for place in range(5)]
        for order in orders:
            times["begin"].append(_timed(renderer.begin, order))
        first, *others = [begun for order in orders if not isinstance(begun := renderer.begin(order), Refusal)]
        for _ in range(first.steps):
            times["one"].append(_timed(renderer.step, [first]))
            times["four"].append(_timed(renderer.step, others))
        times["decode"].append(_timed(renderer.finish, [first]))
    begin, one, four, decode = (statistics.median(found) for found in times.values())
    return begin, one, four, decode


def texts() -> tuple[float, float]:
    """Medians of the starter's extractor in this process: one listing, and several together."""
    from models.domain import ExtractionOrder
    from models.phi3.recipe import Phi3Recipe

    extractor, corpus = Phi3Recipe(threads=1).load(), Corpus(20261)
    times: dict[int, list[float]] = {together: [] for together in TEXTS}
    for together in TEXTS * PROFILED:
        listings = ["\n".join(f"{name}: {text}" for name, text in corpus.listing().items()) for _ in range(together)]
        orders = [ExtractionOrder(listing, listing[:200]) for listing in listings]
        times[together].append(_timed(extractor.extract, orders))
    one, several = (statistics.median(times[together]) for together in TEXTS)
    return one, several


def _timed(call: Callable[[Any], object], given: Any) -> float:
    began = time.perf_counter()
    call(given)
    return time.perf_counter() - began
