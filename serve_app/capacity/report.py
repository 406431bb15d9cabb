"""What the twin found, as a document, as lines, and as a page with plots."""

import base64
import html
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from serve_app.capacity.configuration import Configuration
from serve_app.capacity.sizing import Objective, Size, upgraded
from serve_app.capacity.traffic import Curve
from serve_app.capacity.twin import Run, quantile

HOUR_S = 3600.0


@dataclass(frozen=True)
class Study:
    """The curve, what it must hold, the run of the configuration as it scales, and the smallest fixed one."""

    curve: Curve
    objective: Objective
    configuration: Configuration
    scaled: Run
    size: Size | None
    gpu_hour: float  # what a GPU costs for an hour, in the operator's currency

    @property
    def holds(self) -> bool:
        return self.objective.held(self.scaled)


def document(study: Study) -> dict[str, Any]:
    """As one JSON value; costs in the currency of the price."""
    curve, run = study.curve, study.scaled
    found: dict[str, Any] = {
        "traffic": {"seconds": curve.seconds, "requests": run.offered, "peak_per_s": curve.peak_per_s},
        "objective": {f"p{share * 100:g}": limit for share, limit in study.objective.limits_s.items()},
        "scaled": _of_run(run) | {"holds": study.holds, "moments": [asdict(moment) for moment in run.moments]},
    }
    found["scaled"] |= {
        "gpus": max(moment.gpus for moment in run.moments), "gpu_hours": run.gpu_s / HOUR_S,
        "cost": run.gpu_s / HOUR_S * study.gpu_hour,
    }  # fmt: skip
    found["smallest"] = None if study.size is None else _of_size(study, study.size)
    return found


def _of_run(run: Run) -> dict[str, Any]:
    p50, p95 = run.quantile_s(0.5), run.quantile_s(0.95)
    return {
        "p50_s": p50, "p95_s": p95, "throughput_per_s": run.throughput_per_s, "refused": run.refused,
        "unended": run.unended, "kinds": {name: quantile(times, 0.95) for name, times in sorted(run.kinds.items())},
    }  # fmt: skip


def _of_size(study: Study, size: Size) -> dict[str, Any]:
    hours, headroom = study.curve.seconds / HOUR_S, upgraded(size.replicas)
    gpus = study.configuration.gpus(headroom)
    return _of_run(size.run) | {
        "replicas": dict(size.replicas), "gpus": size.gpus, "gpu_hours": size.gpus * hours,
        "cost": size.gpus * hours * study.gpu_hour,
        "with_headroom": {"replicas": headroom, "gpus": gpus, "cost": gpus * hours * study.gpu_hour},
    }  # fmt: skip


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """For a terminal."""
    traffic, scaled, size = found["traffic"], found["scaled"], found["smallest"]
    yield (
        f"{traffic['requests']} requests in {_time(traffic['seconds'])}, up to {traffic['peak_per_s']:g} per second; "
        f"objective {', '.join(f'{name} {limit:g} s' for name, limit in found['objective'].items())}"
    )
    yield (
        f"as configured: p50 {_s(scaled['p50_s'])}, p95 {_s(scaled['p95_s'])}, {scaled['refused']} refused, "
        f"at most {scaled['gpus']} GPUs, {scaled['gpu_hours']:.1f} GPU hours, cost {scaled['cost']:.2f}: "
        f"{'holds' if scaled['holds'] else 'does NOT hold'}"
    )
    yield from _timeline(scaled["moments"])
    if size is None:
        yield "no number of replicas holds the objective: an order alone takes longer, or the shared cores are full"
        return
    yield f"smallest fixed size: {_replicas(size['replicas'])}"
    yield f"  p95 {_s(size['p95_s'])}, {size['gpus']} GPUs, {size['gpu_hours']:.1f} GPU hours, cost {size['cost']:.2f}"
    headroom = size["with_headroom"]
    yield f"with room for upgrades: {_replicas(headroom['replicas'])}"
    yield f"  {headroom['gpus']} GPUs, cost {headroom['cost']:.2f}"


SHOWN = 12  # moments of a terminal's table


def _timeline(moments: list[dict[str, Any]]) -> Iterator[str]:
    yield f"{'time':>8}{'per s':>8}{'queue':>7}{'GPUs':>6}{'p50, s':>9}{'p95, s':>9}  replicas"
    for moment in moments[:: max(1, len(moments) // SHOWN)]:
        times = "".join(f"{_s(moment[name]).removesuffix(' s'):>9}" for name in ("p50_s", "p95_s"))
        head = f"{_time(moment['at_s']):>8}{moment['requests_per_s']:>8.2f}{moment['queue']:>7}{moment['gpus']:>6}"
        yield f"{head}{times}  {_replicas(moment['replicas'])}"


def _replicas(found: Mapping[str, int]) -> str:
    return ", ".join(f"{role} {count}" for role, count in found.items())


def _s(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f} s"


def _time(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours}:{minutes:02}:{int(seconds) % 60:02}"


def page(found: Mapping[str, Any]) -> str:
    """HTML with everything inline."""
    said = "\n".join(lines(found))
    picture = base64.b64encode(plotted(found)).decode()
    return (
        "<!doctype html><meta charset=utf-8><title>Capacity</title>"
        "<style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:64rem}img{width:100%}</style>"
        f'<h1>Capacity</h1><img alt="traffic, replicas, latency" src="data:image/png;base64,{picture}">'
        f"<pre>{html.escape(said)}</pre>\n"
    )


def plotted(found: Mapping[str, Any]) -> bytes:
    """PNG: arrivals and queue, replicas and GPUs, latencies and the objective, all over time."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    moments = found["scaled"]["moments"]
    hours = [moment["at_s"] / HOUR_S for moment in moments]
    figure, (above, middle, below) = plt.subplots(3, 1, figsize=(11, 9), sharex=True)
    above.plot(hours, [moment["requests_per_s"] for moment in moments], label="requests per second")
    above.plot(hours, [moment["queue"] for moment in moments], label="orders in the queue")
    for role in moments[0]["replicas"]:
        middle.step(hours, [moment["replicas"][role] for moment in moments], label=role)
    middle.step(hours, [moment["gpus"] for moment in moments], label="GPUs", color="black", linewidth=2)
    for name in ("p50_s", "p95_s"):
        seen = [(hour, moment[name]) for hour, moment in zip(hours, moments, strict=True) if moment[name] is not None]
        below.plot([hour for hour, _ in seen], [value for _, value in seen], label=name.removesuffix("_s"))
    for name, limit in found["objective"].items():
        below.axhline(limit, linestyle="--", color="grey", label=f"objective of {name}")
    for axis, label in ((above, "traffic"), (middle, "replicas"), (below, "seconds")):
        axis.set_ylabel(label)
        axis.legend(loc="upper right", fontsize=8)
    below.set_xlabel("hours")
    written = io.BytesIO()
    figure.savefig(written, dpi=110, bbox_inches="tight")
    plt.close(figure)
    return written.getvalue()
