"""Costs of a running service from its own metrics, as Prometheus or a replica shows them."""

import re
from collections import defaultdict
from collections.abc import Mapping

from models.telemetry.metrics import BATCH_FILL, STAGE_SECONDS
from serve_app.capacity.costs import CapacityError, Cost, Costs, Drawing
from serve_app.capacity.fitting import STAGES, scaled

LINE = re.compile(r"^(?P<name>\w+)(?:\{(?P<tags>[^}]*)\})? (?P<value>\S+)")
TAG = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
FEWEST = 20  # calls that tell what a stage costs
Series = Mapping[tuple[str, str, str], float]
"""(name, stage, part) -> sum over replicas."""


def parsed(text: str) -> Series:
    """The stages' histograms and counters of a page of metrics."""
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    for line in text.splitlines():
        if (seen := LINE.match(line)) is not None:
            tags = dict(TAG.findall(seen["tags"] or ""))
            found[seen["name"], tags.get("stage", ""), tags.get("part", "")] += float(seen["value"])
    return dict(found)


def fitted(series: Series, first: Costs) -> Costs:
    """`first`: what metrics do not tell, such as the proportion of a batch's own time. Raises CapacityError."""
    stages = {role: _stage(series, role, getattr(first, role)) for role in STAGES}
    calls = {role: _count(series, stage, "work") for role, stage in STAGES.items()}
    if calls["renderer"] < FEWEST:
        raise CapacityError(
            f"{STAGE_SECONDS.exported} tells of {calls['renderer']:.0f} pictures, and {FEWEST} are needed; "
            "give the metrics of a service that has drawn, or a cost table"
        )
    asked = min(1.0, calls["extractor"] / max(1.0, calls["translator"]))
    return first.model_copy(update={**stages, "extracted": asked})


def _stage(series: Series, role: str, first: Cost) -> Cost:
    """The table's proportions at the mean size of a batch, with the seconds that were measured."""
    stage = STAGES[role]
    calls = _count(series, stage, "work")
    if calls < FEWEST:
        return first
    work_s = series.get((f"{STAGE_SECONDS.exported}_sum", stage, "work"), 0.0) / calls
    batch = max(1.0, _fill(series, stage) * first.together)
    expected_s = _expected_s(first, batch)
    return scaled(first, (first.alone_s - first.wait_s) * work_s / expected_s if expected_s else work_s / batch)


def _expected_s(first: Cost, batch: float) -> float:
    """What a call of a batch of this size takes by the table, from the moment at which work on it begins."""
    once = first.fixed_s + batch * first.each_s
    return first.begin_s + first.steps * once + first.decode_s if isinstance(first, Drawing) else once


def _count(series: Series, stage: str, part: str) -> float:
    return series.get((f"{STAGE_SECONDS.exported}_count", stage, part), 0.0)


def _fill(series: Series, stage: str) -> float:
    batches = series.get((f"{BATCH_FILL.exported}_count", stage, ""), 0.0)
    return series.get((f"{BATCH_FILL.exported}_sum", stage, ""), 0.0) / batches if batches else 0.0
