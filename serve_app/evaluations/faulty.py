"""How many faulty drawings the verdict finds, at which rate of false alarms; a plain caption score beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.domain import Attributes, Colour, ColourRole
from models.starter.captions import scoring_caption
from models.starter.drawing import Garment
from models.starter.evaluations.faults import FAULTS, Case, cases
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict import judge
from serve_app.evaluations.looks import Eyes, Look, Seen

COUNT = 100  # drawings per fault
CLEAN = 5  # times as many: a rate of false alarms of a few in a hundred needs them
SEED = 9_000  # no training uses one above 1,000
CHECKED_BY = {
    "wrong type": "product_type", "wrong colour": "colours", "wrong pattern": "pattern", "wrong sleeve": "sleeve",
    "wrong neckline": "neckline", "grey background": "background", "cut off": "whole",
    "second garment": "one_garment", "blurred": "sharpness", "artefacts": "artefacts",
    "wrong audience": "audience", "a person": "no_humans",
}  # fmt: skip
ROLES: Mapping[str | None, ColourRole] = {"contrast": "contrast", "layer": "layer", "print": "print",
         "stripe": "contrast", "check": "contrast", "block": "base", None: "base"}  # fmt: skip


class Options(Protocol):
    """Which pack is judged, on how many drawings of which seed."""

    @property
    def pack(self) -> Path: ...
    @property
    def threads(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def count(self) -> int | None: ...


def evaluate(eyes: Eyes, options: Options) -> dict[str, Any]:
    """Per fault: share found by its own check, by any check, and by the caption score alone."""
    count, seed = options.count or COUNT, SEED + options.seed
    clean = judged(eyes, cases("clean", CLEAN * count, seed))
    alarms = Counter(name for _, verdict in clean for name, found in verdict.items() if found.state == "fail")
    any_alarm = _rate([bool(failed(verdict)) for _, verdict in clean])
    # The caption score gets as many false alarms as the whole verdict makes, or the bar's share if it makes fewer.
    floor = float(np.quantile([seen.clip for seen, _ in clean], max(any_alarm, 1 / len(clean))))
    figures: dict[str, Any] = {
        "clean": {
            "n": len(clean),
            "false alarms": any_alarm,
            **{name: round(alarms[name] / len(clean), 4) for name in CHECKED_BY.values()},
        }
    }
    for name in FAULTS:
        if name != "clean":
            figures[name] = _found(judged(eyes, cases(name, count, seed)), CHECKED_BY[name], floor)
    return figures


def judged(eyes: Eyes, some: Sequence[Case]) -> list[tuple[Seen, dict[str, Finding]]]:
    """Each case with its verdict."""
    looks = [
        Look(
            case.picture,
            stated(case.stated),
            scoring_caption(case.stated, np.random.default_rng(0)),
            finished=case.finished,
        )
        for case in some
    ]
    return [(seen, judge(seen.evidence)) for seen in eyes.see(looks)]


def failed(verdict: Mapping[str, Finding]) -> list[str]:
    """Names of the checks that failed."""
    return [name for name, found in verdict.items() if found.state == "fail"]


def stated(garment: Garment) -> Attributes:
    """What a listing of this garment would state."""
    colours = [Colour(garment.base, "base")]
    if garment.second is not None:
        colours.append(Colour(garment.second, ROLES[garment.second_role]))
    decoration = () if garment.decoration is None else (garment.decoration,)
    front = ("placement print",) if garment.front_print and garment.pattern not in ("print", "placement print") else ()
    return Attributes(
        audience=garment.audience,
        product_type=garment.type,
        colours=tuple(colours),
        pattern=(garment.pattern, *front, *decoration),
        sleeve=garment.sleeve,
        neckline=garment.neckline,
    )


def _found(some: Sequence[tuple[Seen, Mapping[str, Finding]]], check: str, floor: float) -> dict[str, Any]:
    states = Counter(verdict[check].state for _, verdict in some)
    return {
        "n": len(some),
        "own check": round(states["fail"] / len(some), 4),
        "any check": _rate([bool(failed(verdict)) for _, verdict in some]),
        "caption score": _rate([seen.clip < floor for seen, _ in some]),
    }


def _rate(hits: Sequence[bool]) -> float:
    return round(float(np.mean(hits)), 4)
