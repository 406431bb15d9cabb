"""The capacity twin against the service: what it predicts of five traffic curves, and what is measured.

    python -m loadtests.capacity [--seconds 120] [--config k8s/serve/laptop.yaml] [--keep costs.json]

Starts the starter pack and sends it five curves of arrivals, open-loop, each article a new one; latency counts from the
time at which a request was due. Before the first curve and after each the twin's costs are observed: articles one after
the other, then a saturated half minute. A curve is simulated with the costs observed right before and right after it,
for a shared machine's speed changes from one quarter of an hour to the next. Curves are shares of the first saturation.
Prints a table and, as the last line, one JSON document.
"""

import argparse
import asyncio
import itertools
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from loadtests.capacity.profiled import starter
from loadtests.capacity.seen import CLIENTS, KIND, Shop, between, looked
from loadtests.goodput import offered
from loadtests.marketplace.service import service
from loadtests.place import place
from loadtests.processes import ROOT
from serve_app.capacity import configuration
from serve_app.capacity.costs import Costs
from serve_app.capacity.fitting import crowded, fitted
from serve_app.capacity.traffic import Arrival, Curve, Point
from serve_app.capacity.twin import quantile, simulated

WARM_UP = 12  # articles before the clock counts
SEEDS = range(8)  # simulations of a curve: the arrivals are the same, what an article costs scatters
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
    """Of a curve: seconds and answers per second until the last one is there."""

    p50_s: float
    p95_s: float
    per_s: float
    answered: int


async def measured(shop: Shop, arrivals: Sequence[Arrival], seconds: float) -> Figures:
    began = time.perf_counter()
    seen = await offered(shop.requests([arrival.at_s for arrival in arrivals]), shop.ask)
    lasted = max(seconds, time.perf_counter() - began)
    if failed := [one.outcome for one in seen if one.outcome != "ok"]:
        raise SystemExit(f"{len(failed)} of {len(seen)} requests got no picture: {failed[0]}")
    if not seen:
        raise SystemExit(f"nobody came in {seconds:g} s; give more --seconds")
    times = sorted(one.seconds for one in seen)
    return Figures(quantile(times, 0.5) or 0.0, quantile(times, 0.95) or 0.0, len(times) / lasted, len(times))


def predicted(costs: Costs, config: Path, arrivals: Sequence[Arrival], seconds: float) -> Figures:
    """Medians over simulations of the same arrivals."""
    deployed = configuration.read(config)
    laptop = deployed.fixed({role: one.bounds.min_replicas for role, one in deployed.deployments.items()})
    runs = [simulated(costs, laptop, arrivals, seconds, seed) for seed in SEEDS]
    p50, p95 = (statistics.median(run.quantile_s(share) or 0.0 for run in runs) for share in (0.5, 0.95))
    return Figures(p50, p95, statistics.median(run.throughput_per_s for run in runs), len(arrivals))


async def checked(url: str, session: int, args: argparse.Namespace, first: Costs) -> dict[str, Any]:
    """Measures curve by curve, with a look at the costs between them; then predicts each from the looks around it."""
    async with httpx.AsyncClient(timeout=600, limits=httpx.Limits(max_connections=None), trust_env=False) as http:
        shop = Shop(url, http)
        for request in shop.requests([0.0] * WARM_UP):
            await shop.ask(request)
        looks = [await looked(shop, session, args.alone)]
        arrivals, was = dict[str, Sequence[Arrival]](), dict[str, Figures]()
        for number, (name, curve) in enumerate(curves(args.seconds, looks[0].bears).items()):
            arrivals[name] = curve.arrivals({KIND: 1.0}, number)
            was[name] = await measured(shop, arrivals[name], args.seconds)
            looks.append(await looked(shop, session, args.alone))
            say(f"{name}: p95 {was[name].p95_s:.2f} s; bears {looks[-1].bears:.2f}/s")
    deployed, rows = configuration.read(args.config), []
    for name, before, after in zip(was, looks, looks[1:], strict=False):
        around = between(before, after)
        costs = crowded(fitted(around.seen, first), deployed, KIND, CLIENTS, around.bears)
        ahead = predicted(costs, args.config, arrivals[name], args.seconds)
        rows.append(
            compared(name, ahead, was[name]) | {"bears_per_s": round(around.bears, 3), "crowded": costs.crowded}
        )
    if args.keep:
        args.keep.write_text(costs.model_dump_json(indent=1), "utf-8")
    borne = [round(look.bears, 3) for look in looks]
    return {"saturation_per_s": borne, "busy_s": [look.seen.busy_s for look in looks], "curves": rows}


def compared(name: str, ahead: Figures, was: Figures) -> dict[str, Any]:
    row: dict[str, Any] = {"curve": name, "articles": was.answered}
    for figure in ("p50_s", "p95_s", "per_s"):
        one, other = getattr(ahead, figure), getattr(was, figure)
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
    parser.add_argument("--seconds", type=float, default=120.0, help="of each curve")
    parser.add_argument("--alone", type=int, default=30, help="articles per look that tell the costs")
    parser.add_argument("--keep", type=Path, help="file for the costs as fitted last, as vitrine capacity takes them")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the service ends with the check
    first = starter()
    folder = tempfile.TemporaryDirectory(prefix="vitrine-twin-", dir="/tmp")
    with folder as home, service(args.config, Path(home)) as (url, session):
        result = asyncio.run(checked(url, session, args, first))
    print("\n".join(itertools.chain(show(result["curves"]))))
    print(json.dumps(result | {"seconds": args.seconds, "config": args.config.name} | place()))


if __name__ == "__main__":
    main()
