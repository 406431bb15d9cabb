"""Metrics of a replica as Ray exports them, with its deployment and its name as further tags."""

from typing import Any

from ray.serve import metrics as serve_metrics

from models.telemetry.metrics import Metric, record


class RayMetrics:
    """A metric is made when it is first written, so that a replica shows its own and no others."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __call__(self, metric: Metric, value: float, tags: dict[str, str]) -> None:
        made = self._made.get(metric.name)
        if made is None:
            made = self._made[metric.name] = _made(metric)
        if metric.kind == "counter":
            if value > 0:  # Ray refuses to add nothing
                made.inc(value, tags)
        elif metric.kind == "gauge":
            made.set(value, tags)
        else:
            made.observe(value, tags)


_exported: list[RayMetrics] = []


def export() -> None:
    """Called by every replica that writes metrics; twice in a process is once."""
    if not _exported:
        _exported.append(RayMetrics())
        record(_exported[0])


def _made(metric: Metric) -> Any:
    said = f"{metric.help} Unit: {metric.unit}."
    if metric.kind == "counter":
        return serve_metrics.Counter(metric.name, description=said, tag_keys=metric.tags)
    if metric.kind == "gauge":
        return serve_metrics.Gauge(metric.name, description=said, tag_keys=metric.tags)
    return serve_metrics.Histogram(metric.name, description=said, boundaries=list(metric.edges), tag_keys=metric.tags)
