"""Open-loop load and what came of it: latency from the moment at which a request was due, goodput within a limit."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadtests.traffic import Request
from serve_app.capacity.twin import quantile

SLACK = 3.0  # the limit is this many times the unloaded median
Ask = Callable[[Request], Awaitable[str]]


@dataclass(frozen=True)
class Seen:
    """One request as its sender saw it."""

    kind: str
    seconds: float
    outcome: str


async def offered(requests: Sequence[Request], ask: Ask) -> list[Seen]:
    """Sends every request when it is due, whatever became of the others; returns when all are answered."""
    began = time.perf_counter()

    async def one(request: Request) -> Seen:
        await asyncio.sleep(began + request.due_s - time.perf_counter())
        outcome = await _heard(request, ask)
        return Seen(request.kind, time.perf_counter() - began - request.due_s, outcome)

    return await asyncio.gather(*map(one, requests))


async def saturation(requests: Sequence[Request], ask: Ask, clients: int, seconds: float) -> float:
    """Answers per second while every client sends its next request as soon as it has an answer."""
    left, began, done = iter(requests), time.perf_counter(), list[float]()

    async def client() -> None:
        while (now := time.perf_counter() - began) < seconds and (request := next(left, None)) is not None:
            if await _heard(request, ask) == "ok":
                done.append(time.perf_counter() - began)
            del now

    await asyncio.gather(*(client() for _ in range(clients)))
    return len(done) / max([seconds, *done])


async def unloaded(requests: Sequence[Request], ask: Ask) -> dict[str, float]:
    """Median seconds per kind, one request after the other."""
    seconds: dict[str, list[float]] = {}
    for request in requests:
        began = time.perf_counter()
        if (outcome := await _heard(request, ask)) != "ok":
            raise SystemExit(f"a request to an idle system gave {outcome!r}")
        seconds.setdefault(request.kind, []).append(time.perf_counter() - began)
    return {kind: statistics.median(found) for kind, found in seconds.items()}


async def _heard(request: Request, ask: Ask) -> str:
    try:
        return await ask(request)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is an answer that did not come
        return f"failed: {type(error).__name__}"


def scored(seen: Sequence[Seen], limits_s: Mapping[str, float], seconds: float) -> dict[str, Any]:
    """Who left is counted apart; of the others late, refused and failed ones stay in the denominator."""
    wanted = [one for one in seen if one.outcome != "left"]
    answered = [one for one in wanted if one.outcome == "ok"]
    good = [one for one in answered if one.seconds <= limits_s[one.kind]]
    outcomes = Counter(one.outcome for one in seen)
    found: dict[str, Any] = {
        "offered": len(wanted), "left": outcomes.pop("left", 0), "good": len(good),
        "good_share": len(good) / len(wanted) if wanted else 0.0, "goodput_per_s": len(good) / seconds,
        "outcomes": dict(outcomes),
    }  # fmt: skip
    for kind in limits_s:
        times = sorted(one.seconds for one in answered if one.kind == kind)
        found[f"{kind}_p50_s"], found[f"{kind}_p95_s"] = quantile(times, 0.5), quantile(times, 0.95)
    return found


def spread(values: Sequence[float | None]) -> dict[str, float | None]:
    """Median and range of the rounds."""
    found = [value for value in values if value is not None]
    if not found:
        return {"median": None, "min": None, "max": None}
    return {"median": statistics.median(found), "min": min(found), "max": max(found)}
