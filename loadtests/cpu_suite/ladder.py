"""What each single change brings: the article story in one process, from the naive arrangement to Vitrine's.

No HTTP and no Ray in any row, so that the rows differ in nothing else; the traffic of `loadtests.traffic`.
"""

import asyncio
import functools
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loadtests.cpu_suite.field import MORE, OVER, SATURATING, adapters, turned
from loadtests.cpu_suite.scale import Scale
from loadtests.cpu_suite.summary import say, summed, table
from loadtests.goodput import SLACK, offered, saturation, scored, unloaded
from loadtests.peers.arrangements import in_batches
from loadtests.peers.stages import Models, loaded
from loadtests.traffic import Request, articles
from models.domain import Watch
from models.step_scheduler import StepScheduler
from serve_app.calls import Line
from serve_app.catalogue.listing import Listing
from serve_app.conductor.performer import Performer
from serve_app.conductor.stages import Owner
from serve_app.fleet import Fleet
from serve_app.jobs.store import LOCAL, Store
from serve_app.stories.article import Options, photograph
from serve_app.stories.steps import Steps

COLUMNS = ("goodput_per_s", "good_share", "draft_p95_s", "final_p95_s", "swaps_per_order")
Ask = Callable[[Request], Awaitable[str]]


class Serial:
    """A renderer that does one thing at a time: texts and files wait for steps; `together` pictures in each."""

    def __init__(self, renderer: Any, together: int) -> None:
        self._renderer, self.together = renderer, together
        self._device = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._renderer, name)
        return functools.partial(self._alone, found) if callable(found) else found

    def _alone(self, call: Callable[..., Any], *given: Any) -> Any:
        with self._device:
            return call(*given)


class FirstCome:
    """The picture that came first leads every step, whatever its adapter."""

    swaps = 0

    def __init__(self, together: int) -> None:
        self._together = together

    def next(self, ready: Sequence[Any]) -> list[Any]:
        return [one for one in ready if one.way.group == ready[0].way.group][: self._together]


@dataclass(frozen=True)
class Row:
    """One change more than the row before it."""

    name: str
    scheduled: bool = False
    batched: bool = False
    affine: bool = False
    overlapped: bool = False
    remembered: bool = False


@dataclass(frozen=True)
class Round:
    """The same for every row: requests, the seconds in which they come, and in which they must be answered."""

    requests: Sequence[Request]
    seconds: float
    limits_s: Mapping[str, float]


ROWS = (
    Row("naive"),
    Row("+ step scheduler", scheduled=True),
    Row("+ batches", scheduled=True, batched=True),
    Row("+ turns of adapters", scheduled=True, batched=True, affine=True),
    Row("+ overlap", scheduled=True, batched=True, affine=True, overlapped=True),
    Row("+ remembered stages", scheduled=True, batched=True, affine=True, overlapped=True, remembered=True),
)


def steps_of(row: Row, models: Models) -> Steps:
    """The stages as a row arranges them; only the renderer differs."""
    steps = in_batches(models.batched)
    if not row.scheduled:
        return steps
    renderer: Any = models.renderer
    if not row.overlapped:
        renderer = Serial(renderer, renderer.together if row.batched else 1)
    scheduler = StepScheduler(renderer, None if row.affine else FirstCome(renderer.together))

    async def draw(order: Any, watch: Watch | None = None) -> Any:
        return await scheduler.draw(order, watch)

    return replace(steps, render=draw)


@asynccontextmanager
async def asking(row: Row, models: Models) -> AsyncIterator[Ask]:
    """How a request becomes an outcome in a row; with an empty store where it remembers."""
    steps = steps_of(row, models)
    if not row.remembered:
        yield leaving(lambda listing, options: _status(photograph(listing, options, steps, models.facts)))
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        async with Store.open(Path(home)) as store:
            performer = Performer(steps, _fleet(models), store)
            owner = Owner(LOCAL, f"job_{0:026}")
            yield leaving(lambda listing, options: _stored(performer, owner, listing, options))
            await performer.keeper.settled()


def leaving(performed: Callable[[Listing, Options], Awaitable[str]]) -> Ask:
    """Whoever leaves takes the work along."""

    async def ask(request: Request) -> str:
        columns = {name: value for name, value in request.body.items() if name != "options"}
        chosen = dict(request.body["options"])
        options = Options(run_seed=chosen.pop("seed"), **chosen)
        try:
            async with asyncio.timeout(request.leaves_after_s):
                status = await performed(Listing(**columns), options)
        except TimeoutError:
            return "left"
        return "ok" if status == "succeeded" else f"failed: {status}"

    return ask


async def _status(story: Awaitable[Any]) -> str:
    status: str = (await story)[0].record.status
    return status


async def _stored(performer: Performer, owner: Owner, listing: Listing, options: Options) -> str:
    return (await performer.article(owner, listing, options))[0].status


def _fleet(models: Models) -> Fleet:
    async def about(role: str) -> dict[str, Any]:
        facts: dict[str, Any] = models.facts[role]
        return facts

    return Fleet({role: (Line(role, 1, 60.0), lambda role=role: about(role)) for role in models.facts})  # type: ignore[misc]


async def measured(scale: Scale, _config: Path) -> dict[str, Any]:
    """Prints its table and gives all figures; the rate is that of the naive row, over its saturation."""
    models, choice = loaded(1), adapters()
    async with asking(ROWS[0], models) as ask:
        alone = articles(4.0, 10.0, choice, 999, leaving=0.0)[: scale.unloaded]
        await unloaded(alone, ask)
        limits_s = {kind: SLACK * median for kind, median in (await unloaded(alone, ask)).items()}
        flood = articles(MORE, scale.saturation_s, choice, SATURATING, leaving=0.0)
        rate = OVER * await saturation(flood, ask, scale.clients, scale.saturation_s)
    rounds: dict[str, list[dict[str, Any]]] = {row.name: [] for row in ROWS}
    for number in range(scale.rounds):
        for row in turned(ROWS, number):
            requests = articles(rate, scale.seconds, choice, number)
            rounds[row.name].append(await _round(row, models, Round(requests, scale.seconds, limits_s)))
            say(f"round {number + 1}, {row.name}: {rounds[row.name][-1]['good']} in time")
    found = {"rate_per_s": rate, "limits_s": limits_s, "rounds": rounds}
    found["systems"] = {name: summed(scores) for name, scores in rounds.items()}
    table(found, COLUMNS)
    return found


async def _round(row: Row, models: Models, traffic: Round) -> dict[str, Any]:
    swaps = models.renderer.swaps
    changed, orders = swaps.changed, swaps.orders
    async with asking(row, models) as ask:
        score = scored(await offered(traffic.requests, ask), traffic.limits_s, traffic.seconds)
    return score | {"swaps_per_order": (swaps.changed - changed) / max(1, swaps.orders - orders)}
