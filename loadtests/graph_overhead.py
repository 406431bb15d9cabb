"""What Ray, HTTP and the store add to one article: p50 through HTTP against the same stages called in one process.

    python -m loadtests.graph_overhead [--config k8s/serve/laptop.yaml] [--articles 40] [--candidates 1]

The same recipes, story and listings in both; every article has a text and a seed of its own, so nothing is remembered.
Run it with TMPDIR=/dev/shm as well: the difference is what durability (fsync) costs.
Prints a table and, as the last line, one JSON document.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from loadtests.peers.arrangements import one_by_one
from loadtests.peers.stages import Models
from loadtests.place import place
from serve_app import embedded
from serve_app.catalogue.listing import Listing
from serve_app.provenance.identity import identity
from serve_app.provenance.seal import Seal, origin_of
from serve_app.serve_config import WITHOUT_MODEL, checked
from serve_app.settings import Environment
from serve_app.stories.article import Options, photograph


def shirt(number: int) -> dict[str, str]:
    """Another text each time, so that no stage is remembered."""
    return {
        "name": "Herren-Hemd",
        "description": f"Freizeithemd mit Kentkragen und Brusttasche, langarm, Artikel {number}",
        "model_name": "Hr-Hemd 1/1",
        "model_descr": "dunkelblau",
    }


WARM_UP = 5  # articles before the clock counts: first calls allocate and connect
STAGES = ("translate", "extract", "render", "score", "segment", "judge", "seal")


async def stages_alone(recipes: dict[str, dict[str, Any]], articles: int, candidates: int) -> list[dict[str, float]]:
    """Seconds per stage of each article, and `total`, the wall time of story and seal (marked, encoded, signed)."""
    models = Models.of(recipes)
    steps = one_by_one(models.batched)
    seen = []
    with tempfile.TemporaryDirectory() as home:
        seal = Seal(identity(Environment(), Path(home)))
    for seed in range(WARM_UP + articles):
        began = time.perf_counter()
        (outcome,) = await photograph(Listing(**shirt(seed)), Options(seed, candidates), steps, models.facts)
        assert outcome.picture is not None, outcome.record
        drawn = time.perf_counter()
        seal.article(outcome.picture.pixels, str(seed), origin_of(outcome.record, models.facts))
        ended = time.perf_counter()
        seen.append(outcome.record.timings | {"seal": ended - drawn, "total": ended - began})
    return seen[WARM_UP:]


def over_http(config: Path, articles: int, candidates: int) -> list[dict[str, float]]:
    """Seconds per article as a client sees them (`total`), with what the record says of stages and store."""
    seen = []
    with (
        tempfile.TemporaryDirectory() as home,
        embedded.running(config, port=0, home=Path(home)) as url,
        httpx.Client(base_url=url, timeout=120, trust_env=False) as client,
    ):
        for seed in range(WARM_UP + articles):
            order = shirt(seed) | {"options": {"seed": seed, "candidates": candidates}}
            began = time.perf_counter()
            answer = client.post("/v1/articles", json=order)
            seconds = time.perf_counter() - began
            timings = answer.raise_for_status().json()["timings"]
            seen.append(timings | {"seal": timings["store"], "total": seconds})  # sealed and placed in the store
    return seen[WARM_UP:]


def p50(seen: list[dict[str, float]], *names: str) -> float:
    """Median over the articles of the sum of the named times, in milliseconds."""
    return statistics.median(sum(times.get(name, 0.0) for name in names) for times in seen) * 1000


def main() -> None:
    """Runs both sides and prints what lies between them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=embedded.LAPTOP)
    parser.add_argument("--articles", type=int, default=40)
    parser.add_argument("--candidates", type=int, default=1)
    args = parser.parse_args()
    deployments = checked(args.config.read_text("utf-8"))["applications"][0]["deployments"]
    recipes = {found["name"]: found["user_config"] for found in deployments if found["name"] not in WITHOUT_MODEL}
    # HTTP first: the models of the other side would stay in this process's memory.
    http = over_http(args.config, args.articles, args.candidates)
    alone = asyncio.run(stages_alone(recipes, args.articles, args.candidates))
    result = {
        "http_p50_ms": p50(http, "total"),
        "stages_p50_ms": p50(alone, *STAGES),
        "story_p50_ms": p50(alone, "total"),
    }
    result["overhead_p50_ms"] = result["http_p50_ms"] - result["stages_p50_ms"]
    print(f"{'':<28}{'p50, ms':>10}")
    for name, milliseconds in result.items():
        print(f"{name.removesuffix('_p50_ms'):<28}{milliseconds:>10.1f}")
    for stage in STAGES:
        print(
            f"  {stage:<26}{p50(alone, stage):>10.1f}{p50(http, stage):>10.1f}  (alone, as the story waits over HTTP)"
        )
    settings = {"config": args.config.name, "articles": args.articles, "candidates": args.candidates}
    print(json.dumps({name: round(value, 2) for name, value in result.items()} | settings | place()))


if __name__ == "__main__":
    main()
