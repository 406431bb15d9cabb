"""What the cascade costs against drawing every candidate, and whether it approves as much: the same articles both ways.

    python -m loadtests.cascade SHEET... [--policy neutral] [--candidates 2] [--limit N]

The article story in one process, article by article in turn. Pass means a score of 8.5 of 10 or more; the judge, which
no part of the service has seen, confirms type, sleeve and pattern of what was taken. Device seconds are the renderer's.
Prints a table and, as the last line, one JSON document.
"""

import argparse
import asyncio
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from loadtests.peers.arrangements import in_batches
from loadtests.peers.stages import loaded
from loadtests.place import place
from models.domain import Attributes, RenderOrder, Watch
from models.questions import PRINTED
from models.starter.judge import Judge
from models.starter.judge.labels import FRONT_PRINT, GROUPS
from models.starter.judge.labels import Verdict as Judged
from models.step_scheduler import StepScheduler
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.verdict import EXCELLENT_SCORE, PASS_SCORE
from serve_app.catalogue.verdict.captions import prints, shapes, weaves
from serve_app.runs.statistics import first_scores, share
from serve_app.sheets.files import SheetFile
from serve_app.sheets.reading import read
from serve_app.stories.article import Options, Outcome, photograph
from serve_app.stories.steps import Steps

WAYS = {"all candidates": False, "cascade": True}


def listings(sheets: Sequence[Path], limit: int | None) -> list[Listing]:
    """Every article once, in the order of the sheets."""
    rows = (row for sheet in sheets for row in read(SheetFile(sheet, sheet.name)) if row.fault is None)
    found = {listing.article_id: listing for listing in (Listing(*map(str, row.values)) for row in rows)}
    return list(found.values())[:limit]


async def drawn(found: Sequence[Listing], policy: str, candidates: int) -> dict[str, list[Outcome]]:
    """Outcomes by way; the ways take turns with every article, and nothing is remembered between them."""
    models = loaded(threads=1)
    scheduler = StepScheduler(models.renderer)

    async def render(order: RenderOrder, watch: Watch | None = None) -> Any:
        return await scheduler.draw(order, watch)

    steps: Steps = replace(in_batches(models.batched), render=render)
    outcomes: dict[str, list[Outcome]] = {way: [] for way in WAYS}
    for listing in found:
        for way, cascade in WAYS.items():
            options = Options(policy=policy, candidates=candidates, cascade=cascade)
            outcomes[way] += await photograph(listing, options, steps, models.facts)
    return outcomes


def figures(outcomes: Sequence[Outcome], judge: Judge) -> dict[str, Any]:
    """What one way drew, approved and cost."""
    done = [one for one in outcomes if one.picture is not None]
    records = [one.record.model_dump(mode="json") for one in done]
    scores = [float(record["score_10"]) for record in records]
    approved = sum(score >= PASS_SCORE for score in scores)
    costs = [one.record.cost for one in done if one.record.cost is not None]
    device_s = sum(cost.device_seconds for cost in costs)
    said = judge.judge([one.picture for one in done if one.picture is not None])
    return {
        "articles": len(done),
        "first_pass": share(first_scores(records), PASS_SCORE),
        "pass": share(scores, PASS_SCORE),
        "mean_score": round(statistics.fmean(scores), 3),
        "share_of_9_5": share(scores, EXCELLENT_SCORE),
        "artefacts": round(statistics.fmean("artefacts" in record["verdict"] and record["verdict"]["artefacts"]["state"]
                                            == "fail" for record in records), 4),
        "judge": confirmed(done, said),
        "pictures": sum(cost.pictures for cost in costs),
        "over_budget": sum(cost.pictures > cost.most_pictures for cost in costs),
        "device_seconds": round(device_s, 1),
        "device_seconds_per_approved": round(device_s / approved, 4),
    }  # fmt: skip


def confirmed(outcomes: Sequence[Outcome], said: Sequence[Judged]) -> dict[str, float]:
    """Shares of the pictures on which the judge reads what the listing states."""
    right: dict[str, list[bool]] = {"type": [], "sleeve": [], "pattern": []}
    for outcome, judged in zip(outcomes, said, strict=True):
        for name, allowed in stated(outcome.record.attributes).items():
            right[name].append(getattr(judged, name) in allowed)
    return {name: round(statistics.fmean(found), 4) for name, found in right.items() if found}


def stated(record: Mapping[str, Any]) -> dict[str, set[str]]:
    """What the judge may say of an article, by its heads; a head that the listing leaves open is left out."""
    attributes = Attributes(
        product_type=record["product_type"], sleeve=record["sleeve"], pattern=tuple(record["pattern"]),
        motif=record["motif"], motif_text=record["motif_text"],
    )  # fmt: skip
    found = {"type": shapes(attributes)}
    if attributes.sleeve:
        found["sleeve"] = {attributes.sleeve}
    cloth = {GROUPS.get(value, value) for value in weaves(attributes)}
    if PRINTED in prints(attributes):
        cloth |= {FRONT_PRINT}
    return found | ({"pattern": cloth} if cloth else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheets", nargs="+", type=Path)
    parser.add_argument("--policy", default="neutral")
    parser.add_argument("--candidates", type=int, default=2)
    parser.add_argument("--limit", type=int, help="only the first articles")
    args = parser.parse_args()
    outcomes = asyncio.run(drawn(listings(args.sheets, args.limit), args.policy, args.candidates))
    judge = Judge.load()
    ways = {way: figures(found, judge) for way, found in outcomes.items()}
    saved = 1 - ways["cascade"]["device_seconds_per_approved"] / ways["all candidates"]["device_seconds_per_approved"]
    print(f"{'':<28}" + "".join(f"{way:>42}" for way in ways))
    for name in ways["cascade"]:
        print(f"{name:<28}" + "".join(f"{found[name]!s:>42}" for found in ways.values()))
    print(f"saved per approved picture: {saved:.0%} of the device's seconds")
    chosen = {"policy": args.policy, "candidates": args.candidates}
    print(json.dumps({"benchmark": "cascade", **chosen, "ways": ways, "saved": round(saved, 4)} | place()))


if __name__ == "__main__":
    main()
