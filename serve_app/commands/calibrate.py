"""`vitrine calibrate`: limits of the verdict from sellers' decisions, and whether they still hold."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import VitrineError
from serve_app.calibration import TARGET
from serve_app.commands.calling import ApiKey, Json, Server, service

if TYPE_CHECKING:
    from serve_app.calibration.decided import Decided
    from serve_app.calibration.document import Calibration

DRIFTED = 1


def calibrate(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    out: Annotated[
        Path | None, typer.Option(help="Where the limits go, as TOML; the report goes beside it, as HTML.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead: do sellers and these limits agree as they did?")
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Decisions as `vitrine decisions --json` prints them.")
    ] = None,
    target: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Of what a check lets through, how much may be wrong.")
    ] = TARGET,
    server: Server = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Learn the limits of the verdict's checks from the sellers' decisions.

    Exit code 1 with --check: sellers and verdict have drifted apart.
    """
    if (out is None) == (check is None):
        raise VitrineError("give --out FILE to calibrate, or --check FILE to see whether a calibration still holds")
    if out is not None and out.suffix != ".toml":
        raise VitrineError(f"{out} is no name of a calibration; let it end with .toml, the report goes beside it")
    found = _decisions(decisions, server, api_key)
    if out is not None:
        _learn(out, found, target, as_json)
    elif check is not None:
        raise typer.Exit(DRIFTED if _drifted(check, found, as_json) else 0)


def _decisions(file: Path | None, server: str | None, api_key: str | None) -> "list[Decided]":
    from serve_app.calibration.decided import decided, from_file

    if file is not None:
        return from_file(file)
    with service(server, api_key) as vitrine:
        return decided([one.raw for one in vitrine.decisions.list()])


def _learn(out: Path, decisions: "list[Decided]", target: float, as_json: bool) -> None:
    from serve_app.calibration.learning import calibrate as learn
    from serve_app.calibration.page import page
    from serve_app.calibration.written import toml

    made = learn(decisions, target)
    report = out.with_suffix(".html")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(toml(made), "utf-8")
        report.write_text(page(made, decisions), "utf-8")
    except OSError as error:
        raise VitrineError(f"cannot write {error.filename}: {error.strerror}") from None
    if as_json:
        print(made.model_dump_json(indent=2))
        return
    _say(made)
    print(f"limits: {out}  report: {report}")


def _say(made: "Calibration") -> None:
    print(f"{made.decisions} decisions, {made.approved} approved; at most {made.target:g} false accepts")
    for name, check in made.checks.items():
        wrong, right, (low, high) = check.false_accepts, check.false_rejects, check.interval
        print(
            f"{name:<14} {check.was:g} -> {check.threshold:g}  {wrong.count} of {wrong.of} let through are wrong "
            f"({low:.2%} to {high:.2%}), {right.count} of {right.of} right ones stopped"
        )
    for name, reason in made.refused.items():
        print(f"{name:<14} not calibrated: {reason}")
    for name, found in made.correlation.items():
        low, high = found.interval
        print(f"{name:<14} goes with approval by {found.r:.2f} ({low:.2f} to {high:.2f})")


def _drifted(file: Path, decisions: "list[Decided]", as_json: bool) -> bool:
    from serve_app.calibration.drift import BETWEEN_ALARMS, watched
    from serve_app.calibration.learning import disagreements, since
    from serve_app.calibration.written import read

    made = read(file)
    before, after = made.disagreements.share, since(made, decisions)
    found = watched(disagreements(after, made.thresholds), before)
    alarm = None if found.alarm_after is None else after[found.alarm_after - 1].id
    if as_json:
        print(
            json.dumps({
                "drifted": alarm is not None,
                "alarm_at": alarm,
                "decisions": found.disagreements.of,
                "agreement_before": 1 - before.rate,
                "agreement": 1 - found.disagreements.rate if after else None,
                "agreement_recent": 1 - found.recent.rate if after else None,
                "evidence": found.evidence,
                "decisions_between_false_alarms": BETWEEN_ALARMS,
            }, indent=2)
        )  # fmt: skip
    else:
        print(f"verdict and sellers agreed in {1 - before.rate:.1%} when it was made ({made.made})")
        if after:
            print(f"and in {1 - found.recent.rate:.1%} of the last {found.recent.of} decisions")
        print(f"drifted: alarm at {alarm}; calibrate anew" if alarm else f"no drift in {len(after)} decisions since")
    return alarm is not None
