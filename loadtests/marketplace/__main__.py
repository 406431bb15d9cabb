"""A service of its own under a marketplace's traffic, with a verdict.

    python -m loadtests.marketplace [--shape day] [--minutes 2] [--peak 0.6] [--config k8s/serve/laptop.yaml]
    python -m loadtests.marketplace --shape soak --minutes 60 --sample

Starts `vitrine serve` on a free port with an empty data folder, sends Locust's users (loadtests/locustfile.py) and ends
what it started. `--sample` also watches memory, descriptors and object store for growth. Locust's report,
ours, summary.json and what was sampled stand in `--out`. All further options go to Locust. Prints a table and, as the
last line, one JSON document; exits with 1 when a claim does not hold.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from loadtests.marketplace.growth import Trend, trend
from loadtests.marketplace.journal import Seen
from loadtests.marketplace.resources import Sample, Sampler
from loadtests.marketplace.service import service
from loadtests.place import place
from loadtests.processes import ROOT
from serve_app.capacity.twin import quantile

CONFIG = ROOT / "k8s" / "serve" / "laptop.yaml"
SAMPLES = 120  # of a test: every half minute of an hour
WINDOWS = 12  # of a test, each with a p95: five minutes of an hour
FLAT = 0.25  # of the median p95 per test: what twelve p95s of some fifty articles each scatter by
JUDGED = "article"  # the kind whose p95 has to stay flat


def driven(url: str, args: argparse.Namespace, further: list[str]) -> dict[str, Any]:
    """Locust's run, in a process of its own: it puts its own waiting under Python's sockets and threads."""
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        "loadtests/locustfile.py",
        "--headless",
        "--only-summary",
    ]
    chosen = {"host": url, "shape": args.shape, "minutes": args.minutes, "peak": args.peak, "out": args.out}
    options = [f"--{name}={value}" for name, value in chosen.items()]
    said = subprocess.run(  # noqa: S603
        [*command, *options, f"--html={args.out}/locust.html", *further], cwd=ROOT, check=False, stdout=sys.stderr,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    summary = args.out / "summary.json"
    if said.returncode not in (0, 1) or not summary.exists():
        raise SystemExit(f"locust ended with {said.returncode} and wrote no {summary}; its messages stand above")
    document: dict[str, Any] = json.loads(summary.read_text("utf-8"))
    return document


def watched(document: dict[str, Any], samples: list[Sample], out: Path) -> dict[str, Any]:
    """The document with what was sampled beside it, and its claims."""
    seen = [Seen(*one) for one in json.loads((out / "seen.json").read_text("utf-8"))]
    (out / "samples.json").write_text(json.dumps([asdict(one) for one in samples]), "utf-8")
    trends = grown(samples, seen, document["seconds"])
    held = document["claims"] | claims(trends, document["seconds"])
    found = {name: asdict(one) for name, one in trends.items()}
    return document | {"trends": found, "claims": held, "holds": all(held.values())}


def grown(samples: list[Sample], seen: list[Seen], seconds: float) -> dict[str, Trend]:
    """Memory, descriptors, object store and the p95 of articles over time."""
    at_s = [sample.at_s for sample in samples]
    trends = {
        "memory": trend(at_s, [sample.whole for sample in samples]),
        "descriptors": trend(at_s, [sample.descriptors for sample in samples]),
        "object store": trend(at_s, [sample.object_store for sample in samples]),
    }
    p95 = windows(seen, seconds)
    return trends | {f"p95 of {JUDGED}": trend([at for at, _ in p95], [value for _, value in p95])}


def windows(seen: list[Seen], seconds: float) -> list[tuple[float, float]]:
    """Middle of a window in seconds, and the p95 of articles that were due in it."""
    ours = [one for one in seen if one.kind == JUDGED and one.outcome == "ok"]
    began, width = min((one.at_s for one in ours), default=0.0), seconds / WINDOWS
    found = []
    for number in range(WINDOWS):
        times = sorted(one.seconds for one in ours if number <= (one.at_s - began) / width < number + 1)
        if (p95 := quantile(times, 0.95)) is not None:
            found.append(((number + 0.5) * width, p95))
    return found


def claims(trends: dict[str, Trend], seconds: float) -> dict[str, bool]:
    """What a soak must show -> whether it does."""
    held = {f"no growth of {name}": not found.grows for name, found in trends.items() if not name.startswith("p95")}
    slope = trends[f"p95 of {JUDGED}"]
    return held | {"p95 flat": slope.least <= 0 <= slope.most or abs(slope.per_hour) * seconds / 3600 <= FLAT}


def main() -> None:
    """Starts, drives, judges, ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--shape", default="day")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--peak", type=float, default=0.6, help="arrivals per second at the peak")
    parser.add_argument("--out", type=Path, default=ROOT / "loadtests" / "out" / "marketplace")
    parser.add_argument("--sample", action="store_true", help="watch for growth as well")
    args, further = parser.parse_known_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    args.out = args.out.absolute()
    args.out.mkdir(parents=True, exist_ok=True)
    seconds = 60 * args.minutes
    with (
        tempfile.TemporaryDirectory(prefix="vitrine-load-", dir="/tmp") as home,
        service(args.config, Path(home)) as up,
    ):
        url, session = up
        sampler = Sampler(session, seconds / SAMPLES)
        with sampler if args.sample else contextlib.nullcontext():
            document = driven(url, args, further)
    if args.sample:
        document = watched(document, sampler.samples, args.out)
    show(document)
    print(json.dumps(document | {"config": args.config.name} | place()))
    sys.exit(0 if document["holds"] else 1)


def show(document: dict[str, Any]) -> None:
    """Kinds, trends and claims as a table."""
    print(f"{'kind':<22}{'count':>7}{'p50, s':>9}{'p95, s':>9}{'refused':>9}{'failed':>8}")
    for kind, found in document["kinds"].items():
        times = "".join(
            f"{'-' if found[name] is None else format(found[name], '.3f'):>9}" for name in ("p50_s", "p95_s")
        )
        print(f"{kind:<22}{found['count']:>7}{times}{found['refused']:>9}{found['failed']:>8}")
    for name, found in document.get("trends", {}).items():
        print(
            f"{name:<22}median {found['median']:.4g}, {found['per_hour']:+.1%} per hour "
            f"({found['least']:+.1%} to {found['most']:+.1%})"
        )
    for claim, holds in document["claims"].items():
        print(f"{'holds' if holds else 'FAILS':<7}{claim}")


if __name__ == "__main__":
    main()
