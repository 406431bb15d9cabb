"""Whether one trace covers an article: every stage is there, and little of its time belongs to none.

    python -m loadtests.one_trace [--config k8s/serve/laptop.yaml] [--articles 9]

Runs articles one after the other on the embedded service, with its traces in files, and looks at each request's trace.
The time that no stage covers is a gap; spans that hold others (the request, the job, a call of a handle) cover nothing
by themselves. Prints a table of the median article and, as the last line, one JSON document.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from loadtests.graph_overhead import WARM_UP, shirt
from loadtests.place import place
from serve_app import embedded

# In the order of an article's life; `extract` is asked only where the lexicon leaves words open.
STAGES = (
    "accept", "queue", "look up", "translate", "explain", "extract", "reconcile", "complete", "render", "score",
    "segment", "judge", "finish", "deliver", "mark", "encode", "sign", "store", "commit", "hear",
)  # fmt: skip
WANTED = frozenset(STAGES)
HOLDS = ("job", "call ")  # names, or beginnings of them, of spans that only hold others
WRITTEN_S = 30.0  # spans are written once a second, by each process for itself
TRACE = "00-{:032x}-b7ad6b7169203331-01"


@dataclass(frozen=True)
class Span:
    """Times in seconds since 1970."""

    name: str
    trace: str
    parent: str | None
    began: float
    ended: float

    @property
    def stage(self) -> bool:
        return not self.name.startswith(HOLDS)


@dataclass(frozen=True)
class Article:
    """A request's trace: how long it took, what its stages took, and the times between them."""

    seconds: float
    stages: dict[str, float]
    gaps: list[tuple[float, str]]

    @property
    def gap_share(self) -> float:
        return sum(seconds for seconds, _ in self.gaps) / self.seconds

    @property
    def missing(self) -> frozenset[str]:
        return WANTED - self.stages.keys()


def read(folder: Path) -> Iterator[Span]:
    """What all processes have written so far."""
    for file in folder.glob("*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            span = json.loads(line)
            times = [datetime.fromisoformat(span[at]).timestamp() for at in ("start_time", "end_time")]
            yield Span(span["name"], span["context"]["trace_id"], span["parent_id"], *times)


def article(spans: Sequence[Span]) -> Article:
    """`spans`: of one trace; the request is the one that contains the client's call."""
    request = next(span for span in spans if span.name == "POST /v1/articles")
    inside = sorted((span for span in spans if span is not request and span.stage), key=lambda span: span.began)
    stages: dict[str, float] = {}
    for span in inside:
        stages[span.name] = stages.get(span.name, 0.0) + span.ended - span.began
    return Article(request.ended - request.began, stages, list(_gaps(request, inside)))


def _gaps(request: Span, inside: Sequence[Span]) -> Iterator[tuple[float, str]]:
    """Seconds of the request in which no stage ran, each with the stages before and after."""
    covered, before = request.began, "request"
    for span in inside:
        if span.began > covered:
            yield min(span.began, request.ended) - covered, f"{before} .. {span.name}"
        if span.ended > covered:
            covered, before = min(span.ended, request.ended), span.name
    if request.ended > covered:
        yield request.ended - covered, f"{before} .. answer"


def traced(config: Path, articles: int) -> list[Article]:
    """The traces of so many articles, each with a text of its own, so that nothing is remembered."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        os.environ["VITRINE_TRACES"] = folder
        try:
            with embedded.running(config, port=0, home=Path(home)) as url:
                for number in range(WARM_UP + articles):
                    order = shirt(number)
                    order["description"] += ", Traumstoff Zirkonia"  # a word that the lexicon does not know
                    headers = {"traceparent": TRACE.format(number + 1)}
                    body = order | {"options": {"seed": number, "candidates": 1}}
                    httpx.post(
                        f"{url}/v1/articles", json=body, headers=headers, timeout=120, trust_env=False
                    ).raise_for_status()
                return _found(Path(folder), range(WARM_UP + 1, WARM_UP + articles + 1))
        finally:
            del os.environ["VITRINE_TRACES"]


def _found(folder: Path, numbers: Sequence[int]) -> list[Article]:
    """The articles of the traces with these numbers, when all their processes have written them."""
    until = time.monotonic() + WRITTEN_S
    while True:
        spans: dict[int, list[Span]] = {}
        for span in read(folder):
            spans.setdefault(int(span.trace, 16), []).append(span)
        whole = [spans.get(number, []) for number in numbers]
        if all({"POST /v1/articles", "segment: at work"} <= {span.name for span in each} for each in whole):
            return [article(each) for each in whole]
        if time.monotonic() > until:
            raise SystemExit(f"only {sorted(spans)} of the traces {list(numbers)} were written after {WRITTEN_S:g} s")
        time.sleep(1.0)


def summary(found: Sequence[Article]) -> dict[str, Any]:
    """Of the median article by its share of gaps, with the worst share beside it."""
    ordered = sorted(found, key=lambda one: one.gap_share)
    median = ordered[len(ordered) // 2]
    largest = max(median.gaps, default=(0.0, "none"))
    return {
        "articles": len(found),
        "seconds_p50": round(statistics.median(one.seconds for one in found), 4),
        "gap_share_p50": round(median.gap_share, 4),
        "gap_share_worst": round(ordered[-1].gap_share, 4),
        "largest_gap_ms": round(largest[0] * 1000, 2),
        "largest_gap": largest[1],
        "missing_stages": sorted(frozenset().union(*(one.missing for one in found))),
    }


def main() -> None:
    """Prints the median article's stages and what lies between them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=embedded.LAPTOP)
    parser.add_argument("--articles", type=int, default=9)
    args = parser.parse_args()
    found = traced(args.config, args.articles)
    median = sorted(found, key=lambda one: one.gap_share)[len(found) // 2]
    print(f"{'stage':<28}{'ms':>10}   (inside one another: they do not add up)")
    for name in sorted(median.stages, key=lambda name: (STAGES.index(name) if name in WANTED else len(STAGES), name)):
        print(f"{name:<28}{median.stages[name] * 1000:>10.1f}")
    for seconds, between in sorted(median.gaps, reverse=True)[:5]:
        print(f"  gap {seconds * 1000:.1f} ms: {between}")
    print(json.dumps(summary(found) | {"config": args.config.name} | place()))


if __name__ == "__main__":
    main()
