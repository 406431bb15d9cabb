"""The verdict on pictures that an earlier system published with their sheet: does it see the wrong colours?"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.domain import Picture
from serve_app.catalogue.evaluation import listings
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.verdict import Evidence, Thresholds, colour
from serve_app.evaluations.looks import Eyes, Look

SHEET = "article_descriptions_2.xlsx"  # picture N belongs to its data row N + 1
# By eye, as the data's SOURCES.md tells; one more has a record, but its listing states no colour.
RIGHT = (17, 22, 24, 43)
WRONG = (6, 10, 11, 31, 34, 40, 50, 57)
ALARMS = 1  # right pictures that a threshold on the published score may flag


@dataclass(frozen=True)
class Sample:
    """A published picture, the score it was published with, and whether its colour is the sheet's."""

    number: int
    look: Look
    published: float
    right: bool


def evaluate(data: Path, eyes: Eyes) -> dict[str, Any]:
    """Colours flagged on wrong and right pictures; beside it the published score of a caption that names the type."""
    samples = list(_samples(data / "article_sheets"))
    rows, flagged = [], {True: 0, False: 0}
    for sample, seen in zip(samples, eyes.see([sample.look for sample in samples]), strict=True):
        found = colour.check(photographed(seen.evidence))
        flagged[sample.right] += found.state == "fail"
        rows.append({"picture": sample.number, "right": sample.right, "state": found.state, "reason": found.reason})
    return {
        "wrong colours flagged": f"{flagged[False]} of {len(WRONG)}",
        "false alarms": f"{flagged[True]} of {len(RIGHT)}",
        "published type-only score": _published(samples),
        "pictures": rows,
    }


def photographed(evidence: Evidence) -> Evidence:
    """The same evidence under the limits of photographs, whatever pack looked at it."""
    return Evidence(evidence.rendered, evidence.delivered, evidence.mask, evidence.attributes, Thresholds())


def _samples(folder: Path) -> Iterator[Sample]:
    rows = list(listings(folder / SHEET))
    for number in sorted(RIGHT + WRONG):
        file = folder / "sample_outputs" / f"{number}.png"
        record = json.loads(file.with_suffix(".json").read_text("utf-8"))
        with Image.open(file) as image:
            picture = Picture(np.array(image.convert("RGB")))
        look = Look(picture, reconcile(rows[number]).attributes, record["clip_prompt"])
        yield Sample(number, look, record["clip_score"], number in RIGHT)


def _published(samples: list[Sample]) -> dict[str, Any]:
    """What the published score could flag: the best threshold that flags at most one right picture."""
    right = sorted(sample.published for sample in samples if sample.right)
    wrong = [sample.published for sample in samples if not sample.right]
    return {
        "mean right": round(float(np.mean(right)), 2),
        "mean wrong": round(float(np.mean(wrong)), 2),
        "wrong flagged at one false alarm": f"{sum(score < right[ALARMS] for score in wrong)} of {len(wrong)}",
    }
