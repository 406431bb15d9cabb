"""What a run amounts to, from its records alone: counts, scores, pass rates, and the cost against photography."""

import statistics
from collections import Counter
from collections.abc import Iterable
from typing import Any

from serve_app.catalogue.verdict import EXCELLENT_SCORE, PASS_SCORE
from serve_app.runs.tally import status_of

STATES = ("succeeded", "needs_answer", "rejected", "failed")
PHOTOGRAPHY_EUR = (50.0, 200.0)  # a studio's price per picture, lower and upper end
MACHINE_EUR_PER_HOUR = 0.10  # assumed: a rented machine of two cores without a GPU; `vitrine run --machine-eur` sets it

Records = dict[str, list[dict[str, Any]]]


def summary(records: Records, rows: int, seconds: float, machine_eur: float = MACHINE_EUR_PER_HOUR) -> dict[str, Any]:
    """The content of `statistics.json`; `records` by article, `rows` of all sheets with their duplicates."""
    states = Counter(status_of(group) for group in records.values())
    pictures = [record for group in records.values() for record in group if record.get("image_path")]
    scores = [float(record["score_10"]) for record in pictures if record.get("score_10") is not None]
    return {
        "articles": rows,
        "unique_articles": len(records),
        **{state: states[state] for state in STATES},
        "pictures": len(pictures),
        "clip": spread(record["clip_score"] for record in pictures if record.get("clip_score") is not None),
        "score_10": spread(scores),
        "mean_score": _rounded(statistics.fmean(scores)) if scores else None,
        "first_pass_rate": share(first_scores(pictures), PASS_SCORE),
        "pass_rate": share(scores, PASS_SCORE),
        "share_of_9_5": share(scores, EXCELLENT_SCORE),
        "attributes": attributes(pictures),
        "delivery": delivery(pictures),
        "reasons": dict(Counter(_code(record) for group in records.values() for record in group if _code(record))),
        "seconds": _rounded(seconds),
        "articles_per_hour": _rounded(3600.0 * len(records) / seconds) if seconds else None,
        "stages": stages(records),
        "cost": cost(pictures, seconds, machine_eur),
    }


def verdict_rates(records: Records) -> dict[str, Any]:
    """What the verdicts of a run say, without its times and costs."""
    numbers = summary(records, sum(len(group[0].get("source_rows") or [1]) for group in records.values()), 0.0)
    left_out = {"seconds", "articles_per_hour", "stages", "cost"}
    return {name: value for name, value in numbers.items() if name not in left_out}


def spread(values: Iterable[float]) -> dict[str, float | int | None]:
    """Mean, median, standard deviation of the sample, extremes; None without values."""
    found = [float(value) for value in values]
    if not found:
        return {"n": 0, "mean": None, "median": None, "sd": None, "min": None, "max": None}
    return {
        "n": len(found),
        "mean": _rounded(statistics.fmean(found)),
        "median": _rounded(statistics.median(found)),
        "sd": _rounded(statistics.stdev(found)) if len(found) > 1 else 0.0,
        "min": _rounded(min(found)),
        "max": _rounded(max(found)),
    }


def share(scores: list[float], least: float) -> float | None:
    """Share of the scores that reach `least`; None without scores."""
    return _rounded(sum(score >= least for score in scores) / len(scores)) if scores else None


def attributes(pictures: list[dict[str, Any]]) -> dict[str, dict[str, float | int | None]]:
    """Findings per attribute of the verdict; `pass_rate` is of those that were judged."""
    counts: dict[str, Counter[str]] = {}
    for record in pictures:
        for name, finding in (record.get("verdict") or {}).items():
            counts.setdefault(name, Counter())[finding["state"]] += 1
    return {
        name: {
            "pass": found["pass"],
            "fail": found["fail"],
            "unknown": found["unknown"],
            "pass_rate": _rounded(found["pass"] / judged) if (judged := found["pass"] + found["fail"]) else None,
        }
        for name, found in counts.items()
    }


def delivery(pictures: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Files for the run's marketplace, how many pass its rules, and which rules the others break; None without one."""
    made = [record["delivery"] for record in pictures if record.get("delivery")]
    if not made:
        return None
    broken = Counter(
        ruling["rule"]
        for one in made
        for ruling in one["rulings"]
        if (ruling["level"], ruling["state"]) == ("required", "fail")
    )
    passes = sum(one["passes"] for one in made)
    return {"profile": made[0]["profile"], "files": len(made), "pass": passes, "broken": dict(broken)}


def stages(records: Records) -> dict[str, dict[str, float | int]]:
    """Articles per stage of the story and the seconds they spent there, summed over articles that ran side by side."""
    found: dict[str, list[float]] = {}
    for group in records.values():
        for stage, seconds in (group[0].get("timings") or {}).items():
            found.setdefault(stage, []).append(float(seconds))
    return {
        stage: {"articles": len(values), "seconds": _rounded(sum(values)), "mean": _rounded(statistics.fmean(values))}
        for stage, values in found.items()
    }


def first_scores(pictures: list[dict[str, Any]]) -> list[float]:
    """What the first picture of each article scored as it was drawn, before anything was put right or drawn anew."""
    lines = [record["candidates"][0] for record in pictures if record.get("candidates")]
    return [float(score) for line in lines if (score := line.get("as_drawn", line["score_10"])) is not None]


def cost(pictures: list[dict[str, Any]], seconds: float, machine_eur: float) -> dict[str, Any]:
    """Machine time at an hourly price against a studio's price for as many pictures, in EUR; what was drawn for them.

    Approved are pictures whose score passes.
    """
    total, count = seconds / 3600.0 * machine_eur, len(pictures)
    least, most = (price * count for price in PHOTOGRAPHY_EUR)
    approved = sum((record.get("score_10") or 0.0) >= PASS_SCORE for record in pictures)
    spent = [record["cost"] for record in pictures if record.get("cost")]
    device_s = sum(one["device_seconds"] for one in spent)
    return {
        "pictures_drawn": sum(one["pictures"] for one in spent),
        "device_seconds": _rounded(device_s),
        "device_seconds_per_approved": _rounded(device_s / approved) if approved else None,
        "machine_eur_per_hour": machine_eur,
        "eur_total": round(total, 4),
        "eur_per_picture": round(total / count, 6) if count else None,
        "eur_per_approved_picture": round(total / approved, 6) if approved else None,
        "photography_eur_per_picture": list(PHOTOGRAPHY_EUR),
        "photography_eur_total": [least, most],
        "saved_eur": [_rounded(least - total), _rounded(most - total)],
    }


def _code(record: dict[str, Any]) -> str | None:
    for kind in ("rejection", "failure"):
        if record.get(kind):
            return str(record[kind]["code"])
    return None


def _rounded(value: float) -> float:
    return round(value, 4)
