"""The article route: drafts and finals, adapters by Zipf, duplicates, people who leave; 1.2 times the best peer."""

import contextlib
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from loadtests.cpu_suite.field import adapters, compared, running
from loadtests.cpu_suite.scale import Scale
from loadtests.cpu_suite.summary import ratio, table
from loadtests.traffic import Request, articles
from serve_app.jobs.database import FILE

ALONE = 999  # the seed of requests to idle systems
AIM = 1.5  # goodput over the best peer's
COLUMNS = ("goodput_per_s", "good_share", "draft_p50_s", "draft_p95_s", "final_p50_s", "final_p95_s")


async def measured(scale: Scale, config: Path) -> dict[str, Any]:
    """Prints its table and gives all figures."""
    choice = adapters()

    def traffic(rate: float, seconds: float, seed: int) -> list[Request]:
        return articles(rate, seconds, choice, seed)

    alone = _some(articles(20.0, 10.0, choice, ALONE, leaving=0.0), 2 * scale.unloaded)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        async with running((*scale.peers, "vitrine"), config, Path(home)) as field:
            found = await compared(field, scale, traffic, alone)
        found["vitrine_store"] = hits(Path(home) / FILE)
    found["goodput_best_peer"], found["goodput_over_best_peer"] = ratio(found, "goodput_per_s", scale.peers)
    table(found, COLUMNS)
    print(f"goodput over the best peer's: {found['goodput_over_best_peer']} (aim {AIM})")
    return found


def hits(file: Path) -> dict[str, float]:
    """Of the store after all rounds: how many succeeded jobs found their article drawn or being drawn."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        (jobs,) = store.execute("SELECT count(*) FROM jobs WHERE state = 'succeeded'").fetchone()
        (drawn,) = store.execute("SELECT count(*) FROM articles WHERE status = 'succeeded'").fetchone()
    return {"jobs_succeeded": jobs, "articles_drawn": drawn, "article_hit_ratio": 1 - drawn / max(1, jobs)}


def _some(requests: list[Request], count: int) -> list[Request]:
    """The first ones without duplicates, drafts and finals in turn."""
    kinds = {kind: [one for one in _unlike(requests) if one.kind == kind] for kind in ("draft", "final")}
    return [one for pair in zip(kinds["draft"], kinds["final"], strict=False) for one in pair][:count]


def _unlike(requests: list[Request]) -> list[Request]:
    return list({str(request.body): request for request in requests}.values())
