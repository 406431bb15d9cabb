"""The capacity twin against the service: what it predicts of five traffic curves, and what is measured.

    python -m loadtests.capacity [--seconds 90] [--rounds 3] [--config k8s/serve/laptop.yaml] [--keep costs.json]

Starts the starter pack and sends it five curves of arrivals, open-loop, each article a new one; latency counts from the
time at which a request was due. Before the first round and after each one costs are looked at: articles one after the
other, what two and what twelve clients get, and articles that come by chance. Neighbours on the host slow a shared
machine down for seconds, which is read all the time from a small piece of work (`loadtests.capacity.probe`); what that
cannot tell is told from the seconds of a core that the service spent per article. The twin's costs are those of all
looks at the machine's usual pace, and a curve is simulated on a machine whose pace goes as it went meanwhile. Every
curve comes once per round, each time with other arrivals; a percentile is one of all rounds' articles. Curves are
shares of what the look before their round found to be borne. Prints a table and, as the last line, one JSON document.
"""

import argparse
import asyncio
import itertools
import json
import signal
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from loadtests.capacity.machine import Machine, Readings
from loadtests.capacity.probe import watched
from loadtests.capacity.profiled import starter
from loadtests.capacity.seen import Look, looked, most_per_s, together, traffic
from loadtests.capacity.shop import KIND, Shop, Tried, Went
from loadtests.marketplace.service import service
from loadtests.place import place
from loadtests.processes import ROOT
from serve_app.capacity import configuration
from serve_app.capacity.configuration import Configuration
from serve_app.capacity.costs import Costs
from serve_app.capacity.fitting import at_speeds, fitted
from serve_app.capacity.traffic import Arrival, Curve, Point
from serve_app.capacity.twin import quantile, simulated

WARM_UP = 12  # articles before the clock counts
SEEDS = range(8)  # simulations of a curve: the arrivals are the same, what an article costs scatters
LOOKED = 25  # articles per look that come one after the other
WITHIN = 0.15  # of the measured figure
# Shares of the saturation over equal parts of a curve.
CURVES = {
    "low": (0.35,), "high": (0.65,), "step": (0.15, 0.7), "flash": (0.25, 0.25, 1.2, 0.25, 0.25, 0.25),
    "day": (0.1, 0.2, 0.4, 0.55, 0.5, 0.6, 0.75, 0.5, 0.2),
}  # fmt: skip


def curves(seconds: float, saturated_per_s: float) -> dict[str, Curve]:
    """The five, in requests per second."""
    found = {}
    for name, shares in CURVES.items():
        width = seconds / len(shares)
        points = [Point(number * width, share * saturated_per_s) for number, share in enumerate(shares)]
        found[name] = Curve([*points, Point(seconds, 0.0)])
    return found


@dataclass(frozen=True)
class Figures:
    """Of a curve in all rounds: seconds, and answers per second until the last one was there."""

    p50_s: float
    p95_s: float
    per_s: float

    @classmethod
    def of(cls, rounds: Sequence[Went]) -> "Figures":
        times = sorted(itertools.chain.from_iterable(went.latencies_s for went in rounds))
        per_s = len(times) / sum(went.lasted_s for went in rounds)
        return cls(quantile(times, 0.5) or 0.0, quantile(times, 0.95) or 0.0, per_s)


def predicted(costs: Costs, laptop: Configuration, arrivals: Sequence[Arrival], seconds: float) -> Sequence[Went]:
    """Several simulations of the same arrivals."""
    runs = [simulated(costs, laptop, arrivals, seconds, seed) for seed in SEEDS]
    return [Went(run.latencies_s, max(seconds, run.last_end_s)) for run in runs]


async def measured(url: str, session: int, args: argparse.Namespace) -> tuple[list[Look], dict[str, list[Tried]]]:
    """Curve by curve and round by round, with a look at the costs between rounds."""
    async with httpx.AsyncClient(timeout=600, limits=httpx.Limits(max_connections=None), trust_env=False) as http:
        shop = Shop(url, session, http)
        for request in shop.requests([0.0] * WARM_UP):
            await shop.ask(request)
        looks, found = [await looked(shop, args.alone, 0)], {name: list[Tried]() for name in CURVES}
        say(_said(looks[0]))
        for each in range(args.rounds):
            offered = curves(args.seconds, most_per_s(looks[-1].borne))
            for number, (name, curve) in enumerate(offered.items()):
                found[name].append(await shop.tried(curve, each * len(offered) + number))
                say(f"{name}: p95 {Figures.of([found[name][-1].went]).p95_s:.2f} s")
            looks.append(await looked(shop, args.alone, each + 1))
            say(_said(looks[-1]))
    return looks, found


def _said(look: Look) -> str:
    gets = (f"{clients} clients get {per_s:.2f} per second" for clients, (per_s, _) in look.borne.items())
    return f"looked: {', '.join(gets)}; by chance p95 {Figures.of([look.chance.went]).p95_s:.2f} s"


def checked(
    looks: Sequence[Look],
    found: Mapping[str, Sequence[Tried]],
    readings: Readings,
    args: argparse.Namespace,
    first: Costs,
) -> dict[str, Any]:
    """Predicts each curve from the costs of all looks, on the machine as it was read meanwhile."""
    tried = [one for rounds in found.values() for one in rounds]
    machine = Machine.of(readings, [times for look in looks for times in look.times] + [one.spent for one in tried])
    deployed = configuration.read(args.config)
    laptop = deployed.fixed({role: one.bounds.min_replicas for role, one in deployed.deployments.items()})
    whole, borne = together(looks, machine)
    came = [traffic(look.chance, machine) for look in looks]
    costs = at_speeds(fitted(whole, first), laptop, KIND, borne, came)
    if args.keep:
        args.keep.write_text(costs.model_dump_json(indent=1), "utf-8")
    rows = []
    for name, rounds in found.items():
        courses = [traffic(one, machine).course for one in rounds]
        ahead = [
            predicted(costs.model_copy(update={"course": course}), laptop, one.arrivals, args.seconds)
            for one, course in zip(rounds, courses, strict=True)
        ]
        row = compared(name, list(itertools.chain.from_iterable(ahead)), [one.went for one in rounds])
        row["unread"] = [round(machine.unread(one.spent), 3) for one in rounds]
        row["paces"] = [round(statistics.fmean(pace.times for pace in course), 3) for course in courses]
        row["p95_s_by_round"] = [
            [round(Figures.of(runs).p95_s, 3), round(Figures.of([one.went]).p95_s, 3)]
            for one, runs in zip(rounds, ahead, strict=True)
        ]
        rows.append(row)
    by_look = [{clients: round(per_s, 3) for clients, (per_s, _) in look.borne.items()} for look in looks]
    fit = {"speeds": costs.speeds, "moment": costs.moment, "felt": machine.felt}
    return {"borne_per_s": by_look, "busy_s": whole.busy_s, "curves": rows} | fit


def compared(name: str, ahead: Sequence[Went], was: Sequence[Went]) -> dict[str, Any]:
    row: dict[str, Any] = {"curve": name, "articles": sum(len(went.latencies_s) for went in was)}
    for figure in ("p50_s", "p95_s", "per_s"):
        one, other = getattr(Figures.of(ahead), figure), getattr(Figures.of(was), figure)
        row |= {f"predicted_{figure}": round(one, 3), f"measured_{figure}": round(other, 3)}
        row[f"error_{figure}"] = round(one / other - 1, 3)
    return row | {"within": abs(row["error_p95_s"]) <= WITHIN and abs(row["error_per_s"]) <= WITHIN}


def show(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line per curve: predicted, measured, error."""
    yield f"{'curve':<8}{'articles':>9}" + "".join(f"{name:>26}" for name in ("p50, s", "p95, s", "per second"))
    for row in rows:
        cells = (
            f"{row[f'predicted_{name}']:>9.2f}{row[f'measured_{name}']:>8.2f}{row[f'error_{name}']:>+9.1%}"
            for name in ("p50_s", "p95_s", "per_s")
        )
        yield f"{row['curve']:<8}{row['articles']:>9}" + "".join(cells) + ("" if row["within"] else "  beyond 15 %")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Starts the service, checks, ends it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=ROOT / "k8s" / "serve" / "laptop.yaml")
    parser.add_argument("--seconds", type=float, default=90.0, help="of each curve")
    parser.add_argument("--rounds", type=int, default=3, help="in which every curve comes once")
    parser.add_argument("--alone", type=int, default=LOOKED, help="articles per look that come one after the other")
    parser.add_argument("--keep", type=Path, help="file for the costs as fitted last, as vitrine capacity takes them")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the service ends with the check
    first = starter()
    folder = tempfile.TemporaryDirectory(prefix="vitrine-twin-", dir="/tmp")
    with folder as home, service(args.config, Path(home)) as (url, session):
        with watched(Path(home) / "machine"):
            looks, found = asyncio.run(measured(url, session, args))
        readings = Readings.read(Path(home) / "machine")
    result = checked(looks, found, readings, args, first)
    print("\n".join(itertools.chain(show(result["curves"]))))
    print(json.dumps(result | {"seconds": args.seconds, "rounds": args.rounds, "config": args.config.name} | place()))


if __name__ == "__main__":
    main()
