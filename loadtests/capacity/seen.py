"""What articles cost a running service, seen from outside: alone, at rest and saturated."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from loadtests.goodput import saturation
from loadtests.marketplace.corpus import Corpus
from loadtests.marketplace.resources import ROLES, part
from loadtests.processes import living
from loadtests.traffic import Request
from serve_app.capacity.fitting import Article, Observations

KIND = "article"
OPTIONS = {"candidates": 1, "policy": "neutral"}
IDLE_S = 4.0
CLIENTS = {2: 14.0, 12: 20.0}  # at once -> seconds for which they keep a service busy


class Shop:
    """Sends articles that nobody has sent before, and keeps what their records say."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url, self._http, self._corpus = url, http, Corpus(20260)
        self.records: list[dict[str, Any]] = []

    def requests(self, due_s: Sequence[float]) -> list[Request]:
        return [Request(due, KIND, self._corpus.listing() | {"options": OPTIONS}) for due in due_s]

    async def ask(self, request: Request) -> str:
        answer = await self._http.post(f"{self._url}/v1/articles", json=request.body)
        if not answer.is_success:
            return f"failed: {answer.status_code}"
        self.records.append(answer.json())
        return "ok"


def busy_s(session: int) -> dict[str, float]:
    """Seconds of a core that the processes of a service have had, by role; `rest`: Ray's own and the proxy."""
    found = dict.fromkeys((*ROLES, "rest"), 0.0)
    for process in living(session):
        try:
            title, times = " ".join(process.cmdline()), process.cpu_times()
        except psutil.Error:
            continue
        found[role if (role := part(title)) in found else "rest"] += times.user + times.system
    return found


@dataclass(frozen=True)
class Look:
    """What a service cost at one time; `borne`: clients that send one article after the other -> answers per second."""

    seen: Observations
    borne: Mapping[int, float]


async def looked(shop: Shop, session: int, count: int) -> Look:
    """Articles one after the other, with what each process worked beyond its rest, and what several clients get."""
    before, began = busy_s(session), time.perf_counter()
    await asyncio.sleep(IDLE_S)
    rest = _less(busy_s(session), before, time.perf_counter() - began)
    articles, before, began = list[Article](), busy_s(session), time.perf_counter()
    own = psutil.Process().cpu_times()
    for request in shop.requests([0.0] * count):
        sent = time.perf_counter()
        if await shop.ask(request) == "ok" and (record := shop.records[-1])["status"] == "succeeded":
            articles.append(Article(_timings(record), record["cost"]["pictures"], time.perf_counter() - sent))
    seconds, ended = time.perf_counter() - began, psutil.Process().cpu_times()
    worked = _less(busy_s(session), before, 1.0)
    each = {role: max(0.0, worked[role] - rest[role] * seconds) / len(articles) for role in worked}
    each["client"] = (ended.user + ended.system - own.user - own.system) / len(articles)
    seen = Observations(articles, each, float(psutil.cpu_count() or 1), sum(rest.values()))
    return Look(seen, {at_once: await _borne(shop, at_once, lasting) for at_once, lasting in CLIENTS.items()})


async def _borne(shop: Shop, clients: int, seconds: float) -> float:
    return await saturation(shop.requests([0.0] * 1000), shop.ask, clients, seconds)


def together(looks: Sequence[Look]) -> Look:
    """What was seen at all of these times."""
    seen = [look.seen for look in looks]
    busy = {role: statistics.fmean(one.busy_s[role] for one in seen) for role in seen[0].busy_s}
    articles = [article for one in seen for article in one.articles]
    background = statistics.fmean(one.background for one in seen)
    borne = {clients: statistics.fmean(look.borne[clients] for look in looks) for clients in looks[0].borne}
    return Look(Observations(articles, busy, seen[0].cores, background), borne)


def pace(usual: Look, then: Look) -> float:
    """How many times as long everything took at a time, by what clients got."""
    return statistics.fmean(usual.borne[clients] / then.borne[clients] for clients in usual.borne)


def _less(after: Mapping[str, float], before: Mapping[str, float], by: float) -> dict[str, float]:
    return {role: (after[role] - before.get(role, 0.0)) / by for role in after}


def _timings(record: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(seconds) for name, seconds in record["timings"].items()}
