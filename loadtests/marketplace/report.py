"""The page of a load test: its objectives, its kinds, and how arrivals and latencies went, drawn into the page."""

import base64
import html
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl

from loadtests.marketplace.journal import Seen
from serve_app.capacity.twin import quantile

mpl.use("Agg")
BUCKETS = 60  # of the whole test: what a plot of this width can show
SHOWN = ("article", "draft", "final after draft", "job, polled", "job, followed", "batch")  # the others are quick
STYLE = (
    "body{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem}"
    "td,th{padding:.15rem .8rem;text-align:right}td:first-child,th:first-child{text-align:left}"
    ".no{color:#b00020;font-weight:600}img{width:100%}"
)


def page(document: Mapping[str, Any], seen: Sequence[Seen], began_s: float) -> str:
    """HTML with everything inline; `began_s`: seconds since 1970."""
    claims = "".join(
        f'<li class="{"yes" if holds else "no"}">{"holds" if holds else "FAILS"}: {html.escape(claim)}</li>'
        for claim, holds in document["claims"].items()
    )
    jobs, said = document["jobs"], "".join(
        f"<li>{count} times: {html.escape(what)}</li>" for what, count in document["said"].items()
    )  # fmt: skip
    return (
        f"<!doctype html><meta charset=utf-8><title>Load test: {document['shape']}</title><style>{STYLE}</style>"
        f"<h1>Load test: {document['shape']}, {document['minutes']:g} min, peak {document['peak_per_s']:g}/s</h1>"
        f"<p>{document['requests']} requests, {document['refused']} refused with Retry-After, {document['failed']} "
        f"failed; {jobs['accepted']} jobs accepted, {jobs['lost']} of them never ended.</p><ul>{claims}</ul>"
        f'<img alt="arrivals and latencies" src="data:image/png;base64,{_plot(seen, began_s, document["seconds"])}">'
        f"<table><tr><th>kind<th>count<th>per s<th>p50, s<th>p95, s<th>refused<th>failed</tr>"
        f"{''.join(_row(kind, found) for kind, found in document['kinds'].items())}</table><ul>{said}</ul>\n"
    )


def _row(kind: str, found: Mapping[str, Any]) -> str:
    times = "".join("<td>-" if found[name] is None else f"<td>{found[name]:.3f}" for name in ("p50_s", "p95_s"))
    counts = f"<td>{found['count']}<td>{found['per_s']:.2f}{times}<td>{found['refused']}<td>{found['failed']}"
    return f"<tr><td>{html.escape(kind)}{counts}</tr>"


def over_time(seen: Sequence[Seen], began_s: float, bucket_s: float) -> dict[int, list[Seen]]:
    """Number of the bucket -> the requests that were due in it."""
    buckets = defaultdict(list)
    for one in seen:
        buckets[max(0, int((one.at_s - began_s) / bucket_s))].append(one)
    return dict(buckets)


def _plot(seen: Sequence[Seen], began_s: float, seconds: float) -> str:
    import matplotlib.pyplot as plt

    bucket_s = seconds / BUCKETS
    buckets = sorted(over_time(seen, began_s, bucket_s).items())
    figure, (above, below) = plt.subplots(2, 1, figsize=(11, 7), sharex=True)
    at_s = [number * bucket_s for number, _ in buckets]
    for outcome in ("ok", "refused", "failed"):
        counts = [sum(one.outcome == outcome for one in ones) / bucket_s for _, ones in buckets]
        above.plot(at_s, counts, label=outcome, drawstyle="steps-post")
    above.set_ylabel("requests per second")
    above.legend()
    for kind in SHOWN:
        times = [sorted(o.seconds for o in ones if o.kind == kind and o.outcome == "ok") for _, ones in buckets]
        p95 = [(at, quantile(found, 0.95)) for at, found in zip(at_s, times, strict=True) if found]
        below.plot([at for at, _ in p95], [value for _, value in p95], marker=".", label=f"{kind}, p95")
    below.set_ylabel("seconds from the time it was due")
    below.set_xlabel("seconds of the test")
    below.legend()
    written = io.BytesIO()
    figure.savefig(written, dpi=110, bbox_inches="tight")
    plt.close(figure)
    return base64.b64encode(written.getvalue()).decode()
