"""The requests of one round: drafts and finals of composed listings, with adapters, duplicates and people who leave.

Seeded; every round has listings of its own, so that no cache knows them before the round begins.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from models.starter.corpus.listings import listings

DRAFTS = 0.7  # of the requests; the others are finals
DUPLICATES = 32 / 148  # rows of the two article sheets that repeat an earlier one
LEAVING = 0.1  # of the requests: whoever sent them goes before the answer
LEAVES_AFTER_S = (0.05, 1.0)  # from a slip of the finger to the end of a short patience
ZIPF = 1.1  # the weight of the k-th adapter is k ** -1.1
DRAFT = {"candidates": 1, "size": 128}
FINAL = {"candidates": 2, "size": 256}


@dataclass(frozen=True)
class Request:
    """`due_s` from the start of the round; `leaves_after_s` None: stays until the answer; `within_s`: the answer counts
    no longer after that time."""

    due_s: float
    kind: str
    body: dict[str, Any]
    leaves_after_s: float | None = None
    within_s: float | None = None


def zipf(adapters: Sequence[str | None], rng: random.Random) -> str | None:
    """The first adapter most often."""
    return rng.choices(adapters, [rank**-ZIPF for rank in range(1, len(adapters) + 1)])[0]


def articles(
    rate_per_s: float, seconds: float, adapters: Sequence[str | None], seed: int, leaving: float = LEAVING
) -> list[Request]:
    """Poisson arrivals; a duplicate repeats an earlier request of the round, options and all."""
    rng, texts, sent = random.Random(seed), listings(seed), list[Request]()
    for due in arrivals(rate_per_s, seconds, rng):
        if sent and rng.random() < DUPLICATES:
            earlier = rng.choice(sent)
            kind, body = earlier.kind, earlier.body
        else:
            kind = "draft" if rng.random() < DRAFTS else "final"
            chosen = {"adapter": zipf(adapters, rng), "policy": "neutral", "seed": seed}
            body = _columns(next(texts)) | {"options": (DRAFT if kind == "draft" else FINAL) | chosen}
        leaves = rng.uniform(*LEAVES_AFTER_S) if rng.random() < leaving else None
        sent.append(Request(due, kind, body, leaves))
    return sent


def pictures(
    rates_per_s: dict[str, float], seconds: float, shapes: dict[str, tuple[int, int]], adapters: Sequence[str | None],
    seed: int,
) -> list[Request]:  # fmt: skip
    """Orders for the renderer alone; `shapes`: kind -> side in pixels and steps, `rates_per_s`: kind -> its rate."""
    rng, sent = random.Random(seed), list[Request]()
    for kind, rate in rates_per_s.items():
        for due in arrivals(rate, seconds, rng):
            sent.append(Request(due, kind, picture(shapes[kind], zipf(adapters, rng), rng)))
    return sorted(sent, key=lambda one: one.due_s)


def picture(shape: tuple[int, int], adapter: str | None, rng: random.Random) -> dict[str, Any]:
    """The body of one order; no prompt is like another, so that none is remembered."""
    side, steps = shape
    colour, garment = rng.choice(("red", "dark blue", "green", "black")), rng.choice(("t-shirt", "shirt", "skirt"))
    prompt = f"a {colour} {garment} on white, number {rng.randrange(10**6)}"
    return {
        "prompt": prompt, "seed": rng.randrange(2**32), "width": side, "height": side, "steps": steps,
        "adapter": adapter,
    }  # fmt: skip


def arrivals(rate_per_s: float, seconds: float, rng: random.Random) -> Iterator[float]:
    """Poisson times within `seconds`."""
    gaps = (rng.expovariate(rate_per_s) for _ in itertools.count())
    return itertools.takewhile(lambda due: due < seconds, itertools.accumulate(gaps))


def _columns(listing: Any) -> dict[str, str]:
    return {name: getattr(listing, name) for name in ("name", "description", "model_name", "model_descr")}
