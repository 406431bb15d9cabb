"""What articles cost a running service, seen from outside: alone, at rest, by chance and saturated."""

import asyncio
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psutil

from loadtests.capacity.machine import Machine, Spent
from loadtests.capacity.shop import Shop, Tried
from loadtests.goodput import saturation
from serve_app.capacity.fitting import Article, Observations, Traffic
from serve_app.capacity.traffic import Curve, Point

Name = TypeVar("Name", str, int)
IDLE_S = 8.0
PAUSE_S = 0.7  # before an article that meets nobody
CLIENTS = {2: 14.0, 12: 20.0}  # at once -> seconds for which they keep a service busy
CHANCE_S = 45.0  # for which articles come by chance
CHANCE = 0.7  # of what is borne comes in it
SEED = 1000  # of the first chance: other ones than the curves'


@dataclass(frozen=True)
class Look:
    """What a service cost at one time: while it rested, for one article after the other (with the moment at which each
    was sent), for so many clients that sent one after the other, with the answers per second that they got, and for
    articles that came by chance."""

    rest: Spent
    alone: Spent
    articles: Sequence[tuple[float, Article]]
    borne: Mapping[int, tuple[float, Spent]]
    chance: Tried

    @property
    def times(self) -> list[Spent]:
        return [self.rest, self.alone, *(spent for _, spent in self.borne.values()), self.chance.spent]


async def looked(shop: Shop, count: int, number: int) -> Look:
    """The service at rest, articles one after the other, what several clients get, and articles by chance."""
    _, rest = await shop.spent(asyncio.sleep(IDLE_S))
    articles, alone = await shop.spent(_one_by_one(shop, count))
    borne = {
        clients: await shop.spent(saturation(shop.requests([0.0] * 1000), shop.ask, clients, lasting))
        for clients, lasting in CLIENTS.items()
    }
    curve = Curve([Point(0.0, CHANCE * most_per_s(borne)), Point(CHANCE_S, 0.0)])
    chance = await shop.tried(curve, SEED + number)
    return Look(rest, alone, articles, borne, chance)


def most_per_s(borne: Mapping[int, tuple[float, Spent]]) -> float:
    """What as many clients get as get the most."""
    return max(per_s for per_s, _ in borne.values())


async def _one_by_one(shop: Shop, count: int) -> list[tuple[float, Article]]:
    """After a pause each, for whoever meets nobody finds caches that others have used meanwhile."""
    articles = list[tuple[float, Article]]()
    for request in shop.requests([0.0] * count):
        await asyncio.sleep(PAUSE_S)
        if await shop.ask(request) == "ok" and (record := shop.records[-1])["status"] == "succeeded":
            sent_s, answered_s = shop.times_s[-1]
            articles.append((sent_s, Article(_timings(record), record["cost"]["pictures"], answered_s - sent_s)))
    return articles


def traffic(tried: Tried, machine: Machine) -> Traffic:
    """On the machine as it was read meanwhile."""
    return Traffic(tried.arrivals, tried.went.latencies_s, machine.course(tried.spent, tried.went.lasted_s))


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
