"""What articles cost a running service, seen from outside: alone, at rest and saturated."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import psutil

from loadtests.capacity.machine import Machine, Spent
from loadtests.goodput import saturation
from loadtests.marketplace.corpus import Corpus
from loadtests.marketplace.resources import ROLES, part
from loadtests.processes import living
from loadtests.traffic import Request
from serve_app.capacity.fitting import Article, Observations

Given = TypeVar("Given")
Name = TypeVar("Name", str, int)
KIND = "article"
OPTIONS = {"candidates": 1, "policy": "neutral"}
IDLE_S = 8.0
PAUSE_S = 0.7  # before an article that meets nobody
CLIENTS = {2: 14.0, 4: 16.0, 6: 18.0, 12: 20.0}  # at once -> seconds for which they keep a service busy


class Shop:
    """Sends articles that nobody has sent before, and keeps what their records say."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url, self._http, self._corpus = url, http, Corpus(20260)
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


@dataclass(frozen=True)
class Look:
    """What a service cost at one time: while it rested, for one article after the other (with the moment at which each
    was sent), and so many clients that sent one after the other, with the answers per second that they got."""

    rest: Spent
    alone: Spent
    articles: Sequence[tuple[float, Article]]
    borne: Mapping[int, tuple[float, Spent]]

    @property
    def times(self) -> list[Spent]:
        return [self.rest, self.alone, *(spent for _, spent in self.borne.values())]


async def spent(shop: Shop, session: int, work: Awaitable[Given]) -> tuple[Given, Spent]:
    """What work gives, and what the service spent on it."""
    known, before, began = len(shop.times_s), busy_s(session), time.monotonic()
    given = await work
    after = busy_s(session)
    worked = {role: after[role] - before[role] for role in after}
    return given, Spent(worked, shop.times_s[known:], began, time.monotonic())


async def looked(shop: Shop, session: int, count: int) -> Look:
    """The service at rest, articles one after the other, and what several clients get."""
    _, rest = await spent(shop, session, asyncio.sleep(IDLE_S))
    articles, alone = await spent(shop, session, _one_by_one(shop, count))
    borne = {
        clients: await spent(shop, session, saturation(shop.requests([0.0] * 1000), shop.ask, clients, lasting))
        for clients, lasting in CLIENTS.items()
    }
    return Look(rest, alone, articles, borne)


async def _one_by_one(shop: Shop, count: int) -> list[tuple[float, Article]]:
    """After a pause each, for whoever meets nobody finds caches that others have used meanwhile."""
    articles = list[tuple[float, Article]]()
    for request in shop.requests([0.0] * count):
        await asyncio.sleep(PAUSE_S)
        if await shop.ask(request) == "ok" and (record := shop.records[-1])["status"] == "succeeded":
            sent_s, answered_s = shop.times_s[-1]
            articles.append((sent_s, Article(_timings(record), record["cost"]["pictures"], answered_s - sent_s)))
    return articles


def together(looks: Sequence[Look], machine: Machine) -> tuple[Observations, dict[int, float]]:
    """What was seen and borne in all looks, as if the machine had had its usual pace all the time."""
    rest = _mean([_at_rest(look.rest, machine) for look in looks])
    articles = [article for look in looks for article in _usual_articles(look, machine)]
    each = _mean([_beyond(look.alone, rest, machine) for look in looks])
    borne = _mean([{clients: _borne(*got, machine) for clients, got in look.borne.items()} for look in looks])
    return Observations(articles, each, float(psutil.cpu_count() or 1), sum(rest.values())), borne


def _at_rest(spent: Spent, machine: Machine) -> dict[str, float]:
    """Cores that each part is busy with."""
    _, seconds = machine.made(spent)
    return {part: busy_s / seconds for part, busy_s in spent.busy_s.items()}


def _beyond(spent: Spent, rest: Mapping[str, float], machine: Machine) -> dict[str, float]:
    """Seconds of a core per article beyond what each part is busy with at rest."""
    (articles, seconds), unread = machine.made(spent), machine.unread(spent)
    return {part: max(0.0, busy_s / unread - rest[part] * seconds) / articles for part, busy_s in spent.busy_s.items()}


def _borne(per_s: float, spent: Spent, machine: Machine) -> float:
    """Answers per second that clients would have got."""
    return per_s * machine.unread(spent) * machine.pace(spent.began_s, spent.ended_s)


def _usual_articles(look: Look, machine: Machine) -> list[Article]:
    unread = machine.unread(look.alone)
    return [
        _divided(article, unread * machine.pace(sent_s, sent_s + article.total_s)) for sent_s, article in look.articles
    ]


def _divided(article: Article, times: float) -> Article:
    """As it had been, had it not taken so many times as long."""
    timings = {name: seconds / times for name, seconds in article.timings.items()}
    return Article(timings, article.pictures, article.total_s / times)


def _mean(found: Sequence[Mapping[Name, float]]) -> dict[Name, float]:
    return {name: statistics.fmean(one[name] for one in found) for name in found[0]}


def _timings(record: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(seconds) for name, seconds in record["timings"].items()}
