"""Several systems side by side: one saturation, one limit and the same rounds in turn for all of them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx

from loadtests.cpu_suite.scale import Scale
from loadtests.cpu_suite.summary import say, summed
from loadtests.goodput import SLACK, offered, saturation, scored, unloaded
from loadtests.systems import System, Vitrine, started
from loadtests.traffic import Request
from models.checkpoint import STARTER_PACK
from models.manifest import Manifest

ADAPTERS = 4
MORE = 40.0  # requests per second, which no system here bears
SATURATING = 1_000  # the seed of that traffic; the rounds count from 0
OVER = 1.2  # arrivals, in terms of what the best peer bears
PATIENCE_S = 300.0  # for an answer that is late anyway: until the backlog of a round is gone
Traffic = Callable[[float, float, int], Sequence[Request]]
"""Requests of a rate per second, for so many seconds, of a seed."""


def adapters() -> list[str | None]:
    """Four of the pack, in the order of their names; where it has fewer, no adapter is one of them."""
    held: list[str | None] = [*sorted(Manifest.read(STARTER_PACK / "manifest.toml").parts["renderer"].adapters)]
    return (held if len(held) >= ADAPTERS else [None, *held])[:ADAPTERS]


One = TypeVar("One")


@dataclass(frozen=True)
class Field:
    """The running systems; the first one is the reference of the limit: the work itself, where nothing is shared."""

    systems: Sequence[System]
    ready_s: Mapping[str, float]

    @property
    def peers(self) -> list[str]:
        """All but Vitrine, whose name is that of a part of it where a part of it is measured."""
        return [system.name for system in self.systems if not system.name.startswith("vitrine")]

    async def limits(self, requests: Sequence[Request]) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
        """Seconds per kind in which an answer counts, and the unloaded medians of all systems."""
        medians = {system.name: await unloaded(requests, system.ask) for system in self.systems}
        return {kind: SLACK * median for kind, median in medians[self.systems[0].name].items()}, medians

    async def saturations(self, scale: Scale, traffic: Traffic) -> dict[str, float]:
        """Answers per second of each system under as many requests as it takes."""
        found = {}
        requests = [replace(one, leaves_after_s=None) for one in traffic(MORE, scale.saturation_s, SATURATING)]
        for system in self.systems:
            found[system.name] = await saturation(requests, system.ask, scale.clients, scale.saturation_s)
            say(f"{system.name} bears {found[system.name]:.2f}/s")
        return found

    async def rounds(
        self, scale: Scale, traffic: Traffic, rate: float, limits_s: Mapping[str, float]
    ) -> dict[str, list[dict[str, Any]]]:
        """Every system in turn, round by round, in an order that changes; each round's traffic is new to all."""
        found: dict[str, list[dict[str, Any]]] = {system.name: [] for system in self.systems}
        for number in range(scale.rounds):
            for system in turned(self.systems, number):
                before = await system.counted()
                requests = [replace(one, within_s=limits_s[one.kind]) for one in traffic(rate, scale.seconds, number)]
                seen = await offered(requests, system.ask)
                score = scored(seen, limits_s, scale.seconds) | _since(before, await system.counted())
                found[system.name].append(score)
                say(f"round {number + 1}, {system.name}: {score['good']} of {score['offered']} in time")
        return found

    async def queued(self, scale: Scale, traffic: Traffic, waiting: int) -> dict[str, Any]:
        """Answers per second and swaps of each system, in turn, while so many requests wait all the time."""
        found: dict[str, list[dict[str, Any]]] = {system.name: [] for system in self.systems}
        for number in range(scale.rounds):
            requests = [replace(one, leaves_after_s=None) for one in traffic(MORE, scale.seconds, number)]
            for system in turned(self.systems, number):
                before = await system.counted()
                bears = await saturation(requests, system.ask, waiting, scale.seconds)
                found[system.name].append({"per_s": bears, "outcomes": {}} | _since(before, await system.counted()))
        return {"waiting": waiting, "rounds": found, "systems": {name: summed(rows) for name, rows in found.items()}}


def turned(all_of_them: Sequence[One], number: int) -> list[One]:
    """Another one begins in every round, so that none always follows the same one."""
    shift = number % len(all_of_them)
    return [*all_of_them[shift:], *all_of_them[:shift]]


def _since(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, float]:
    if not (before and after):
        return {}
    orders = after["orders"] - before["orders"]
    return {"swaps_per_order": (after["changed"] - before["changed"]) / max(1, orders)}


@contextlib.asynccontextmanager
async def running(names: Sequence[str], config: Path, home: Path) -> AsyncIterator[Field]:
    """Starts the systems one after the other; all stay until the block ends."""
    limits = httpx.Limits(max_connections=None)
    async with contextlib.AsyncExitStack() as stack:
        systems, ready_s = list[System](), dict[str, float]()
        for name in names:
            began = time.perf_counter()
            url = stack.enter_context(started(name, config, home))
            ready_s[name] = round(time.perf_counter() - began, 1)
            say(f"{name} is up after {ready_s[name]:.0f} s")
            http = httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, limits=limits, trust_env=False)
            await stack.enter_async_context(http)
            systems.append((Vitrine if name == "vitrine" else System)(name, http))
        yield Field(systems, ready_s)


async def compared(field: Field, scale: Scale, traffic: Traffic, alone: Sequence[Request]) -> dict[str, Any]:
    """Limits, saturations and rounds of one kind of traffic; the first half of `alone` warms up, the other counts."""
    half = len(alone) // 2
    for system in field.systems:
        await asyncio.gather(*(system.ask(request) for request in alone[:half]))
    limits_s, medians = await field.limits(alone[half:])
    bears = await field.saturations(scale, traffic)
    best = max(field.peers, key=lambda name: bears[name])
    rate = OVER * bears[best]
    rounds = await field.rounds(scale, traffic, rate, limits_s)
    return {
        "rate_per_s": rate, "best_peer_at_saturation": best, "limits_s": limits_s, "unloaded_p50_s": medians,
        "saturation_per_s": bears, "ready_s": dict(field.ready_s), "rounds": rounds,
        "systems": {name: summed(scores) for name, scores in rounds.items()},
    }  # fmt: skip
