"""The page: everything inline, nothing fetched, and a policy in its head that holds it to that."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

from markupsafe import Markup

from serve_app.report.assets import asset, environment, hash_of
from serve_app.report.cards import ATTRIBUTES, WITNESSES, Card, card
from serve_app.report.plots import STATES, histogram, rates, shares
from serve_app.report.thumbnails import BYTES

MOST_CARDS = 1_500  # browsers scroll this smoothly; the records hold the rest
PICTURE_BYTES = 24_000_000  # all thumbnails together


def page(records: list[dict[str, Any]], statistics: dict[str, Any], root: Path) -> str:
    """`records` in the order of the sheets, `statistics` as in statistics.json, `root` the folder of the run."""
    shown = records[:MOST_CARDS]
    each = min(BYTES, PICTURE_BYTES // max(len(shown), 1))
    cards = [card(record, root, each) for record in shown]
    style, script = (asset(name) for name in ("report.css", "report.js"))
    pictures = [record for record in records if record.get("image_path")]
    clips = [float(r["clip_score"]) for r in pictures if r.get("clip_score") is not None]
    scores = [float(r["score_10"]) for r in pictures if r.get("score_10") is not None]
    return (
        environment()
        .get_template("report.html")
        .render(
            cards=cards,
            total=len(records),
            numbers=statistics,
            run=_run(records),
            made=dt.datetime.now().astimezone().strftime("%-d %B %Y, %H:%M"),
            style=Markup(style),  # noqa: S704 - our own files, not the seller's text
            script=Markup(script),  # noqa: S704
            style_hash=hash_of(style),
            script_hash=hash_of(script),
            clip_plot=histogram(clips),
            score_plot=histogram(scores, low=min([7.0, *scores]), high=10.0),
            state_plot=shares({state: statistics[state] for state in STATES}),
            rate_plot=rates(statistics["attributes"]),
            filters=_filters(cards),
            legend=[
                name for name in ATTRIBUTES if any(s.attribute == name for c in cards for s in (*c.said, *c.unseen))
            ],
            witnesses=WITNESSES,
        )
    )


def _run(records: list[dict[str, Any]]) -> dict[str, Any]:
    """What the head says about the run, from its records."""
    files = list(dict.fromkeys(row["file"] for record in records for row in record.get("source_rows") or []))
    first = records[0] if records else {}
    return {
        "files": files,
        "seed": first.get("run_seed"),
        "adapter": first.get("adapter"),
        "policy": first.get("policy"),
    }


def _filters(cards: list[Card]) -> dict[str, list[tuple[str, int]]]:
    """The values that can be filtered by, with how many cards have them."""
    counts = {
        "status": Counter(c.status for c in cards),
        "verdict": Counter(c.verdict for c in cards if c.verdict != "none"),
        "audience": Counter(str((c.record.get("attributes") or {}).get("audience") or "") for c in cards),
        "type": Counter(str((c.record.get("attributes") or {}).get("product_type") or "") for c in cards),
    }
    order = {state: place for place, state in enumerate((*STATES, "pass", "fail"))}
    return {
        name: sorted(
            ((value, n) for value, n in found.items() if value), key=lambda pair: (order.get(pair[0], 9), -pair[1])
        )
        for name, found in counts.items()
    }
