"""Costs of a running service, fitted: from articles one after the other, and from what several clients get."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from serve_app.capacity.configuration import Configuration
from serve_app.capacity.costs import CapacityError, Cost, Costs, Drawing, Kind, Pace
from serve_app.capacity.traffic import Arrival
from serve_app.capacity.twin import saturation, simulated

STAGES = {
    "translator": "translate", "extractor": "extract", "renderer": "render", "scorer": "score", "segmenter": "segment"
}  # fmt: skip
"""Role -> its name in a record's timings."""
PER_PICTURE = {"render", "score", "segment", "judge"}
TOLD = {*STAGES.values(), "reconcile", "judge", "store"}  # what else a few pictures need comes beside their judging
AT_THE_DOOR = ("ingress", "client", "rest")  # whose work is before and after the story: routes, proxy, the sender
FEWEST = 10  # articles that tell a cost and its scatter
TRIES = 8  # halvings: a speed to less than half a per cent
SLOWEST, FASTEST = 0.3, 1.3  # of the cores with several orders in work, of that with one
SATURATED_S = 240.0  # of a simulation that tells what is borne
MET = 5  # orders in work, as many as often meet where they come by chance
SEEDS = range(4)  # simulations of what came by chance
QUARTILES = 1.349  # standard deviations between the quartiles of a normal distribution


@dataclass(frozen=True)
class Article:
    """One that nothing else ran beside: seconds per stage as its record says, and until its client had the answer."""

    timings: Mapping[str, float]
    pictures: int
    total_s: float

    def call_s(self, stage: str) -> float | None:
        """Seconds of one call of a stage; None where there was none. Pictures share their stages' time."""
        found = self.timings.get(stage)
        if found is not None and stage == "judge":
            found += sum(seconds for name, seconds in self.timings.items() if name not in TOLD)
        return found if found is None or stage not in PER_PICTURE else found / self.pictures

    @property
    def rest_s(self) -> float:
        """What no stage accounts for; scorer and segmenter run beside each other."""
        beside_s = min(self.timings.get("score", 0.0), self.timings.get("segment", 0.0))
        return self.total_s - (sum(self.timings.values()) - beside_s)


@dataclass(frozen=True)
class Observations:
    """`busy_s`: role -> seconds of a core per article, where they were measured; `background`: cores busy at rest."""

    articles: Sequence[Article]
    busy_s: Mapping[str, float]
    cores: float = 0.0
    background: float = 0.0

    @property
    def pictures(self) -> float:
        """Of an article."""
        return statistics.fmean(article.pictures for article in self.articles)

    def calls_s(self, stage: str) -> list[float]:
        """One figure per article that asked for the stage."""
        return [found for article in self.articles if (found := article.call_s(stage)) is not None]

    def mean_s(self, stage: str) -> float:
        calls = self.calls_s(stage)
        return statistics.fmean(calls) if calls else 0.0


@dataclass(frozen=True)
class Traffic:
    """What came by chance: arrivals, the seconds until each answer, and the machine's course meanwhile."""

    arrivals: Sequence[Arrival]
    latencies_s: Sequence[float]
    course: tuple[Pace, ...] = ()


def fitted(seen: Observations, first: Costs, kind: str = "article") -> Costs:
    """`first`: what cannot be seen from outside, such as batches and the proportions of a renderer's parts."""
    if len(seen.articles) < FEWEST:
        raise CapacityError(f"{len(seen.articles)} articles tell no costs; draw at least {FEWEST} one after the other")
    most = max(article.pictures for article in seen.articles)
    moment = _moment(seen)
    stages = {role: _stage(seen, role, getattr(first, role), moment) for role in STAGES}
    further = {
        "cores": seen.cores, "background": seen.background, "moment": moment,
        "extracted": len(seen.calls_s("extract")) / len(seen.articles),
        "kinds": {kind: Kind(pictures=most, redrawn=min(1.0, seen.pictures - 1.0))},
    }  # fmt: skip
    return first.model_copy(update=stages | _own(seen, first, moment) | further)


def at_speeds(
    costs: Costs, configuration: Configuration, kind: str, borne: Mapping[int, float], came: Sequence[Traffic]
) -> Costs:
    """The costs with those speeds of the cores at which so many clients, each with one order in work all the time, get
    so many answers per second (`borne`), and what came by chance takes as long as it did."""
    for clients, per_s in borne.items():
        costs = _at_speed(costs, clients, _bearing_less(configuration, kind, clients, per_s))
    return _at_speed(costs, MET, lambda tried: _longer(tried, configuration, came)) if came else costs


def _bearing_less(configuration: Configuration, kind: str, clients: int, per_s: float) -> Callable[[Costs], bool]:
    return lambda tried: saturation(tried, configuration, kind, clients, SATURATED_S) < per_s


def _at_speed(costs: Costs, orders: int, slow: Callable[[Costs], bool]) -> Costs:
    """The costs with the speed at which they are just not slow any more."""
    low, high = SLOWEST, FASTEST
    for _ in range(TRIES):
        middle = round((low + high) / 2, 4)
        costs = costs.model_copy(update={"speeds": costs.speeds | {orders: middle}})
        low, high = (middle, high) if slow(costs) else (low, middle)
    return costs


def _longer(costs: Costs, configuration: Configuration, came: Sequence[Traffic]) -> bool:
    """Whether orders take longer than they did."""
    taken_s = [_taken_s(costs.model_copy(update={"course": one.course}), configuration, one.arrivals) for one in came]
    return sum(taken_s) > sum(sum(one.latencies_s) for one in came)


def _taken_s(costs: Costs, configuration: Configuration, arrivals: Sequence[Arrival]) -> float:
    """All orders together, in the mean of several simulations."""
    seconds = arrivals[-1].at_s
    runs = [simulated(costs, configuration, arrivals, seconds, seed) for seed in SEEDS]
    return statistics.fmean(sum(run.latencies_s) for run in runs)


def _stage(seen: Observations, role: str, first: Cost, moment: float) -> Cost:
    """The seconds of a call: busy as far as the stage's process was, and the rest transport."""
    stage = STAGES[role]
    calls = seen.calls_s(stage)
    if not calls:
        return first
    mean_s = statistics.fmean(calls)
    count = len(calls) * (seen.pictures if stage in PER_PICTURE else 1.0)
    busy_s = min(mean_s, seen.busy_s.get(role, math.inf) * len(seen.articles) / count)
    return scaled(first, busy_s).model_copy(update={"wait_s": mean_s - busy_s, "scatter": _own_scatter(calls, moment)})


def scaled(first: Cost, busy_s: float) -> Cost:
    """The same proportions, with so many busy seconds for a call that meets nobody; each call's own without any."""
    before_s = first.alone_s - first.wait_s
    if not before_s:
        return first.model_copy(update={"decode_s" if isinstance(first, Drawing) else "each_s": busy_s})
    names = ("fixed_s", "each_s") + (("begin_s", "decode_s", "swap_s") if isinstance(first, Drawing) else ())
    return first.model_copy(update={name: getattr(first, name) * busy_s / before_s for name in names})


def _own(seen: Observations, first: Costs, moment: float) -> dict[str, Cost]:
    """What ingress and conductor do themselves: their loops, and the conductor's threads."""
    threads_s = seen.mean_s("reconcile") + seen.pictures * seen.mean_s("judge") + seen.mean_s("store")
    rest_s = max(statistics.fmean(article.rest_s for article in seen.articles), 0.0)
    conducted_s = seen.busy_s.get("conductor", threads_s + rest_s / 2)
    door_s = min(sum(seen.busy_s.get(name, 0.0) for name in AT_THE_DOOR) or rest_s / 2, rest_s)
    loop_s = min(max(conducted_s - threads_s, 0.0), rest_s - door_s)
    busy = min(1.0, (conducted_s - loop_s) / max(threads_s, 1e-9))  # of the threads' time; the rest waits for the disk
    found = {"accept": first.accept.model_copy(update={"fixed_s": 0.0, "each_s": door_s})}
    found["conduct"] = first.conduct.model_copy(update={"fixed_s": 0.0, "each_s": loop_s})
    for name, stage in (("read", "reconcile"), ("judge", "judge"), ("seal", "store")):
        mean_s, further_s = seen.mean_s(stage), rest_s - door_s - loop_s if name == "seal" else 0.0
        update = {"fixed_s": 0.0, "each_s": busy * mean_s, "wait_s": (1.0 - busy) * mean_s + further_s}
        found[name] = getattr(first, name).model_copy(
            update=update | {"scatter": _own_scatter(seen.calls_s(stage), moment)}
        )
    return found


def _moment(seen: Observations) -> float:
    """The scatter that an article's stages have in common: what their own does not explain of the whole's."""
    whole_s = statistics.fmean(article.total_s for article in seen.articles)
    explained = shares = 0.0
    for stage in {name for article in seen.articles for name in article.timings}:
        spent = [article.timings.get(stage, 0.0) for article in seen.articles]
        share = statistics.fmean(spent) / whole_s
        explained, shares = explained + (share * _scatter(spent)) ** 2, shares + share**2
    common = (_scatter([article.total_s for article in seen.articles]) ** 2 - explained) / max(1.0 - shares, 1e-9)
    return round(math.sqrt(max(0.0, common)), 4)


def _own_scatter(values: Sequence[float], moment: float) -> float:
    """Of one stage, beside what all stages have in common."""
    return round(math.sqrt(max(0.0, _scatter(values) ** 2 - moment**2)), 4)


def _scatter(values: Sequence[float]) -> float:
    """Standard deviation of the logarithm, by quartiles: one hiccup of the machine is not the stage's habit."""
    logs = [math.log(value) for value in values if value > 0]
    if len(logs) < FEWEST:
        return 0.0
    lower, _, upper = statistics.quantiles(logs, n=4)
    return round((upper - lower) / QUARTILES, 4)
