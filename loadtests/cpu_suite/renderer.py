"""The renderer alone: pictures under adapters by Zipf, and drafts that come while finals are drawn."""

import functools
import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from loadtests.cpu_suite.field import Field, adapters, compared, running
from loadtests.cpu_suite.scale import Scale
from loadtests.cpu_suite.summary import ratio, summed, table
from loadtests.goodput import unloaded
from loadtests.traffic import Request, picture, pictures

SWAPS_AIM, DRAFTS_AIM = 0.3, 0.5  # of the naive Serve app's
WAITING = 64  # orders in a standing queue: as many as a replica holds
PICTURE = {"picture": (256, 4)}  # side in pixels, steps
MIXED = {"draft": (128, 4), "final": (256, 28)}  # a final as FLUX.1-dev draws it
BUSY = {"draft": 0.2, "final": 0.5}  # share of the naive app's time that each kind takes when nothing is batched
NAIVE, OWN = "naive_serve", "vitrine_renderer"


async def measured(scale: Scale, config: Path) -> dict[str, Any]:
    """Prints its tables and gives all figures."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        async with running((*scale.peers, OWN), config, Path(home)) as field:
            zipf = await _zipf(field, scale)
            mixed = await _mixed(field, scale)
    return {"adapters": zipf, "mixed": mixed}


async def _zipf(field: Field, scale: Scale) -> dict[str, Any]:
    """Every system under pictures of four adapters, at 1.2 times what the best peer bears."""
    choice = adapters()

    def traffic(rate: float, seconds: float, seed: int) -> list[Request]:
        return pictures({"picture": rate}, seconds, PICTURE, choice, seed)

    rng = random.Random(999)
    turns = [choice[number % len(choice)] for number in range(2 * scale.unloaded)]
    alone = [Request(0.0, "picture", picture(PICTURE["picture"], adapter, rng)) for adapter in turns]
    found = await compared(field, scale, traffic, alone)
    found["goodput_best_peer"], found["goodput_over_best_peer"] = ratio(found, "goodput_per_s", field.peers)
    _swaps(found)
    # At that rate Vitrine has no queue, and where nobody waits there is nothing to group.
    queued = await field.queued(scale, traffic, WAITING)
    _swaps(queued)
    return found | {"queued": queued}


def _swaps(found: dict[str, Any]) -> None:
    swaps = {name: figures.get("swaps_per_order", {}).get("median") for name, figures in found["systems"].items()}
    found["swaps_over_naive"] = swaps[OWN] / swaps[NAIVE] if swaps.get(NAIVE) else None
    table(found, ("goodput_per_s", "per_s", "swaps_per_order", "picture_p50_s", "picture_p95_s"))
    print(f"adapter swaps per order over the naive app's: {found['swaps_over_naive']} (aim {SWAPS_AIM})")


async def _mixed(whole: Field, scale: Scale) -> dict[str, Any]:
    """Drafts while finals run, in the two that batch on one device."""
    field = Field([system for system in whole.systems if system.name in (NAIVE, OWN)], whole.ready_s)
    rng = random.Random(998)
    alone = [Request(0.0, kind, picture(shape, None, rng)) for kind, shape in MIXED.items() for _ in range(4)]
    medians = await unloaded(alone, field.systems[0].ask)
    rates = {kind: BUSY[kind] / medians[kind] for kind in MIXED}
    # A final takes seconds: three times the round, so that several are drawn in each.
    long = replace(scale, seconds=3 * scale.seconds)
    traffic = functools.partial(_both, rates)
    forever = dict.fromkeys(MIXED, float("inf"))
    rounds = await field.rounds(long, traffic, 1.0, forever)
    found: dict[str, Any] = {
        "rates_per_s": rates, "rounds": rounds, "systems": {name: summed(scores) for name, scores in rounds.items()}
    }  # fmt: skip
    p95 = {name: figures["draft_p95_s"]["median"] for name, figures in found["systems"].items()}
    found["draft_p95_over_naive"] = p95[OWN] / p95[NAIVE] if p95.get(NAIVE) else None
    table(found, ("draft_p95_s", "draft_p50_s", "final_p50_s", "final_p95_s"))
    print(f"p95 of drafts while finals run over the naive app's: {found['draft_p95_over_naive']} (aim {DRAFTS_AIM})")
    return found


def _both(rates: dict[str, float], _rate: float, seconds: float, seed: int) -> Sequence[Request]:
    return pictures(rates, seconds, MIXED, [None], seed)
