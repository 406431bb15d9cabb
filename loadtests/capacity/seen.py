"""What articles cost a running service, seen from outside: alone, at rest and saturated."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx
import psutil

from loadtests.goodput import saturation
from loadtests.marketplace.corpus import Corpus
from loadtests.marketplace.resources import ROLES, part
from loadtests.processes import living
from loadtests.traffic import Request
from serve_app.capacity.fitting import Article, Observations

Given = TypeVar("Given")
KIND = "article"
OPTIONS = {"candidates": 1, "policy": "neutral"}
IDLE_S = 8.0
PAUSE_S = 0.7  # before an article that meets nobody
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
class Spent:
    """Seconds of a core that all processes of a service had in a time, and the articles that were answered in it."""

    cores_s: float
    articles: int
    seconds: float


@dataclass(frozen=True)
class Look:
    """What a service cost at one time. `borne`: clients that send one article after the other -> answers per second;
    `alone`, `spent`: what was spent meanwhile, on one article after the other and with so many clients."""

    seen: Observations
    alone: Spent
    borne: Mapping[int, float]
    spent: Mapping[int, Spent]


@dataclass(frozen=True)
class Usual:
    """What a service spends on the average: seconds of a core per article, and cores that are busy at rest."""

    article_s: float
    rest: float

    @classmethod
    def of(cls, looks: Sequence[Look]) -> "Usual":
        times = [(look.seen.background, one) for look in looks for one in (look.alone, *look.spent.values())]
        articles_s = sum(one.cores_s - rest * one.seconds for rest, one in times)
        rest = statistics.fmean(look.seen.background for look in looks)
        return cls(articles_s / sum(one.articles for _, one in times), rest)

    def pace(self, then: Spent) -> float:
        """How many times as much as usual everything took at a time."""
        return then.cores_s / (then.articles * self.article_s + then.seconds * self.rest)


async def spent(shop: Shop, session: int, work: Awaitable[Given]) -> tuple[Given, Spent]:
    """What work gives, and what the service spent on it."""
    known, before, began = len(shop.records), busy_s(session), time.perf_counter()
    given = await work
    cores_s = sum(_less(busy_s(session), before, 1.0).values())
    return given, Spent(cores_s, len(shop.records) - known, time.perf_counter() - began)


async def looked(shop: Shop, session: int, count: int) -> Look:
    """Articles one after the other, with what each process worked beyond its rest, and what several clients get."""
    before, began = busy_s(session), time.perf_counter()
    await asyncio.sleep(IDLE_S)
    rest = _less(busy_s(session), before, time.perf_counter() - began)
    seen, alone = await spent(shop, session, _one_by_one(shop, session, count, rest))
    borne, machine = dict[int, float](), dict[int, Spent]()
    for clients, lasting in CLIENTS.items():
        work = saturation(shop.requests([0.0] * 1000), shop.ask, clients, lasting)
        borne[clients], machine[clients] = await spent(shop, session, work)
    return Look(seen, alone, borne, machine)


async def _one_by_one(shop: Shop, session: int, count: int, rest: Mapping[str, float]) -> Observations:
    """After a pause each, for whoever meets nobody finds caches that others have used meanwhile."""
    articles, before, began = list[Article](), busy_s(session), time.perf_counter()
    own = psutil.Process().cpu_times()
    for request in shop.requests([0.0] * count):
        await asyncio.sleep(PAUSE_S)
        sent = time.perf_counter()
        if await shop.ask(request) == "ok" and (record := shop.records[-1])["status"] == "succeeded":
            articles.append(Article(_timings(record), record["cost"]["pictures"], time.perf_counter() - sent))
    seconds, ended = time.perf_counter() - began, psutil.Process().cpu_times()
    worked = _less(busy_s(session), before, 1.0)
    each = {role: max(0.0, worked[role] - rest[role] * seconds) / len(articles) for role in worked}
    each["client"] = (ended.user + ended.system - own.user - own.system) / len(articles)
    return Observations(articles, each, float(psutil.cpu_count() or 1), sum(rest.values()))


def together(looks: Sequence[Look]) -> tuple[Observations, dict[int, float]]:
    """What was seen and borne in all looks, as if the machine had had the same pace in each of them."""
    usual = Usual.of(looks)
    seen = [_at_pace(look.seen, usual.pace(look.alone)) for look in looks]
    whole = replace(
        seen[0],
        articles=[article for one in seen for article in one.articles],
        busy_s={role: statistics.fmean(one.busy_s[role] for one in seen) for role in seen[0].busy_s},
        background=usual.rest,
    )
    borne = {
        clients: statistics.fmean(look.borne[clients] * usual.pace(look.spent[clients]) for look in looks)
        for clients in looks[0].borne
    }
    return whole, borne


def _at_pace(seen: Observations, times: float) -> Observations:
    """What would have been seen, had everything not taken so many times as long."""
    articles = [
        Article({name: s / times for name, s in one.timings.items()}, one.pictures, one.total_s / times)
        for one in seen.articles
    ]
    return replace(seen, articles=articles, busy_s={role: s / times for role, s in seen.busy_s.items()})


def _less(after: Mapping[str, float], before: Mapping[str, float], by: float) -> dict[str, float]:
    return {role: (after[role] - before.get(role, 0.0)) / by for role in after}


def _timings(record: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(seconds) for name, seconds in record["timings"].items()}
