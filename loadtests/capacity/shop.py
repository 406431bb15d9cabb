"""Sends a service articles, as they are due or one after the other, and tells what it spent on them."""

import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import psutil

from loadtests.capacity.machine import Spent
from loadtests.goodput import offered
from loadtests.marketplace.corpus import Corpus
from loadtests.marketplace.resources import ROLES, part
from loadtests.processes import living
from loadtests.traffic import Request
from serve_app.capacity.traffic import Arrival, Curve

Given = TypeVar("Given")
KIND = "article"
OPTIONS = {"candidates": 1, "policy": "neutral"}


@dataclass(frozen=True)
class Went:
    """What came by a curve: latencies in seconds, and how long it lasted until the last answer was there."""

    latencies_s: Sequence[float]
    lasted_s: float


@dataclass(frozen=True)
class Tried:
    """Arrivals that were sent, how it went, and what the service spent on them."""

    arrivals: Sequence[Arrival]
    went: Went
    spent: Spent


class Shop:
    """Sends articles that nobody has sent before, and keeps what their records say."""

    def __init__(self, url: str, session: int, http: httpx.AsyncClient) -> None:
        self._url, self._session, self._http, self._corpus = url, session, http, Corpus(20260)
        self.records: list[dict[str, Any]] = []
        self.times_s: list[tuple[float, float]] = []  # when each was sent and answered, by the monotonic clock

    def requests(self, due_s: Sequence[float]) -> list[Request]:
        return [Request(due, KIND, self._corpus.listing() | {"options": OPTIONS}) for due in due_s]

    async def ask(self, request: Request) -> str:
        began_s = time.monotonic()
        answer = await self._http.post(f"{self._url}/v1/articles", json=request.body)
        if not answer.is_success:
            return f"failed: {answer.status_code}"
        self.records.append(answer.json())
        self.times_s.append((began_s, time.monotonic()))
        return "ok"

    async def spent(self, work: Awaitable[Given]) -> tuple[Given, Spent]:
        """What work gives, and what the service spent on it."""
        known, before, began = len(self.times_s), busy_s(self._session), time.monotonic()
        given = await work
        after = busy_s(self._session)
        worked = {role: after[role] - before[role] for role in after}
        return given, Spent(worked, self.times_s[known:], began, time.monotonic())

    async def tried(self, curve: Curve, seed: int) -> Tried:
        """Articles by a curve; raises SystemExit where one gets no picture, or nobody comes."""
        arrivals = curve.arrivals({KIND: 1.0}, seed)
        if not arrivals:
            raise SystemExit(f"nobody came in {curve.seconds:g} s; give more --seconds")
        went, spent = await self.spent(self._offered(arrivals, curve.seconds))
        return Tried(arrivals, went, spent)

    async def _offered(self, arrivals: Sequence[Arrival], seconds: float) -> Went:
        began = time.perf_counter()
        seen = await offered(self.requests([arrival.at_s for arrival in arrivals]), self.ask)
        if failed := [one.outcome for one in seen if one.outcome != "ok"]:
            raise SystemExit(f"{len(failed)} of {len(seen)} requests got no picture: {failed[0]}")
        return Went([one.seconds for one in seen], max(seconds, time.perf_counter() - began))


def busy_s(session: int) -> dict[str, float]:
    """Seconds of a core that the processes of a service have had, by role; `rest`: Ray's own and the proxy; `client`:
    this process."""
    found = dict.fromkeys((*ROLES, "rest"), 0.0)
    for process in living(session):
        try:
            title, times = " ".join(process.cmdline()), process.cpu_times()
        except psutil.Error:
            continue
        found[role if (role := part(title)) in found else "rest"] += times.user + times.system
    own = psutil.Process().cpu_times()
    return found | {"client": own.user + own.system}
