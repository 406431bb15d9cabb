"""Margins of the caption checks for a pack's manifest, from clean drawings that no figure is measured on.

`python -m serve_app.evaluations.margins --pack DIR` prints the lines of `[thresholds]`."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.checkpoint import STARTER_PACK
from models.starter.evaluations.faults import cases
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict import Evidence, Thresholds, captions
from serve_app.evaluations.faulty import judged
from serve_app.evaluations.looks import Eyes

SEED = 8_000  # the figures' seeds begin at 9,000, those of the trainings end at 1,000
COUNT = 1_500
ALARMS = 0.002  # of clean drawings that each of these may fail; some is left for the checks that look at pixels
ASKED: Mapping[str, Callable[[Evidence], Finding]] = {
    "type_margin": captions.product_type,
    "pattern_margin": captions.weave,
    "print_margin": captions.front_print,
    "sleeve_margin": captions.sleeve,
    "neckline_margin": captions.neckline,
    "audience_margin": captions.audience,
    "people_margin": captions.no_humans,
}


def margins(eyes: Eyes, count: int) -> dict[str, float]:
    """Per check, what all but the share `ALARMS` of right answers lead by; at most 0."""
    leads: dict[str, list[float]] = {name: [] for name in ASKED}
    for seen, _ in judged(eyes, cases("clean", count, SEED)):
        evidence = replace(seen.evidence, thresholds=Thresholds.model_validate(dict.fromkeys(ASKED, 0.0)))
        for name, check in ASKED.items():
            value = check(evidence).value
            if value is not None:
                leads[name].append(value)
    return {name: min(0.0, round(float(np.quantile(found, ALARMS)), 1)) for name, found in leads.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m serve_app.evaluations.margins")
    parser.add_argument("--pack", type=Path, default=STARTER_PACK)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    for name, margin in margins(Eyes(given.pack, given.threads), given.count).items():
        print(f"{name} = {margin}")
