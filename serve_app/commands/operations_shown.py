"""The lines that `vitrine top` shows of what `GET /v1/operations` answers."""

from collections.abc import Iterator
from typing import Any

WIDTH = 12  # of a column of numbers
STATES = ("pass", "fail", "unknown")


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Queue, stages, replicas, verdicts and cost, each with its title."""
    yield f"the last {found['window_s']:g} s; what waits and runs: now"
    for block in (_lanes(found), _stages(found), _replicas(found), _verdicts(found), _pictures(found)):
        yield ""
        yield from block


def _row(name: str, *values: object) -> str:
    return f"{name:<16}" + "".join(f"{value!s:>{WIDTH}}" for value in values)


def _lanes(found: dict[str, Any]) -> Iterator[str]:
    yield _row("lane", "waiting", "oldest", "ended", "p50", "p95")
    for lane, stands in found["lanes"].items():
        waits = stands["waiting"], seconds(stands["oldest_s"])
        yield _row(lane, *waits, stands["ended"], seconds(stands["p50_s"]), seconds(stands["p95_s"]))
    if found["ended"]:
        yield "ended: " + ", ".join(f"{count} {state}" for state, count in found["ended"].items())


def _stages(found: dict[str, Any]) -> Iterator[str]:
    yield _row("stage", "calls", "per second", "p50", "p95", "faults")
    for stage, took in found["stages"].items():
        times = seconds(took["p50_s"]), seconds(took["p95_s"])
        yield _row(stage, took["calls"], f"{took['per_s']:.2f}", *times, took["faults"])
    if not found["stages"]:
        yield "no stage was called"


def _replicas(found: dict[str, Any]) -> Iterator[str]:
    yield _row("deployment", "running", "of")
    for role, replicas in found["replicas"].items():
        yield _row(role, replicas["running"], replicas["target"])


def _verdicts(found: dict[str, Any]) -> Iterator[str]:
    yield _row("check", *STATES, "passed")
    for check, states in found["verdicts"].items():
        told = states.get("pass", 0) + states.get("fail", 0)
        share = f"{states.get('pass', 0) / told:.0%}" if told else "-"
        yield _row(check, *(states.get(state, 0) for state in STATES), share)
    if not found["verdicts"]:
        yield "no picture was judged"


def _pictures(found: dict[str, Any]) -> Iterator[str]:
    made = found["pictures"]
    score = "-" if made["mean_score"] is None else f"{made['mean_score']:.2f} of 10"
    yield f"{made['drawn']} pictures drawn, {made['approved']} approved, mean score {score}"
    if made["approved"]:
        device_s = seconds(made["device_seconds_each"])
        yield f"per approved picture: {made['drawn_each']:.2f} drawn, {device_s} of device, {made['eur_each']:.4f} EUR"


def seconds(value: float | None) -> str:
    """`12 ms`, `3.40 s`; `-` where there is none."""
    if value is None:
        return "-"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
