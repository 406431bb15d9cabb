"""decide, decisions, calibrate: from a seller's word to limits and to the alarm, over a real service of doubles."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from called import Command
from sellers import documents, logistic

from serve_app.calibration.written import read

SHIRT = ("--name", "Herren-Hemd", "--description", "Freizeithemd, langarm", "--model-descr", "rot kariert")
MIND = logistic(20.0, 0.5)


def written(file: Path, count: int, seed: int = 0, first: int = 0, mind: object = MIND) -> Path:
    """A file of decisions by a seller whose mind is known."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.0, 30.0, count)
    lines = documents(values, rng.random(count) < mind(values), first=first)  # type: ignore[operator]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return file


def test_a_picture_is_decided_about_and_the_last_word_is_listed(service: str, vitrine: Command) -> None:
    where = ("--server", service)
    job = json.loads(vitrine("submit", *SHIRT, "--candidates", "1", "--wait", "--json", *where).out)["id"]
    assert vitrine("decide", job, "approve", *where).code == 0
    said = vitrine("decide", job, "reject", "--check", "colours", "--check", "sleeve", "--note", "dark\x1b[2J", *where)
    assert said.code == 0, said
    line = rf"dec_\w{{26}}  {job}  \w{{16}}  rejected  wrong: colours, sleeve  dark\?\[2J\n"
    assert re.fullmatch(line, said.out), said
    assert vitrine("decisions", *where).out == said.out
    (only,) = vitrine("decisions", "--json", *where).out.splitlines()
    assert (json.loads(only)["decision"], json.loads(only)["checks"]) == ("rejected", ["colours", "sleeve"])
    refused = vitrine("decide", job, "reject", "--check", "colour", *where)
    assert (refused.code, "'colour' is no check of this verdict; it has product_type" in refused.err) == (2, True)
    few = vitrine("calibrate", "--out", "never.toml", *where)
    assert (few.code, "no check can be calibrated from 1 decisions" in few.err) == (2, True)
    assert not Path("never.toml").exists()


def test_decisions_of_a_file_become_limits_and_a_report(vitrine: Command, tmp_path: Path) -> None:
    file, out = written(tmp_path / "decisions.jsonl", 1000), tmp_path / "new" / "calibration.toml"
    said = vitrine("calibrate", "--decisions", file, "--out", out)
    assert said.code == 0, said
    made = read(out)
    limit = made.checks["colours"]
    assert f"colours        16 -> {limit.threshold:g}  {limit.false_accepts.count} of" in said.out
    assert "sleeve         not calibrated: 0 pictures rejected for it" in said.out
    assert "Calibration of the verdict" in out.with_suffix(".html").read_text("utf-8")
    again = vitrine("calibrate", "--decisions", file, "--out", out, "--target", "0.1", "--json")
    assert json.loads(again.out)["target"] == 0.1
    assert read(out).thresholds["colour_delta_e"] > limit.threshold


def test_drift_is_exit_code_1_and_agreement_0(vitrine: Command, tmp_path: Path) -> None:
    out = tmp_path / "calibration.toml"
    vitrine("calibrate", "--decisions", written(tmp_path / "a.jsonl", 1000), "--out", out)
    calm = vitrine("calibrate", "--check", out, "--decisions", written(tmp_path / "b.jsonl", 400, 1, first=1000))
    assert (calm.code, "no drift in 400 decisions" in calm.out) == (0, True), calm
    changed = written(tmp_path / "c.jsonl", 400, 1, first=1000, mind=logistic(12.0, 0.5))
    alarm = vitrine("calibrate", "--check", out, "--decisions", changed)
    assert alarm.code == 1, alarm
    assert re.search(r"drifted: alarm at dec_0{22}1\d\d\d; calibrate anew", alarm.out), alarm.out
    told = json.loads(vitrine("calibrate", "--check", out, "--decisions", changed, "--json").out)
    assert told["drifted"]
    assert told["agreement"] < told["agreement_before"] - 0.1
    assert told["decisions_between_false_alarms"] == 10_000
    nothing = vitrine("calibrate", "--check", out, "--decisions", tmp_path / "a.jsonl")
    assert (nothing.code, "no drift in 0 decisions since" in nothing.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["calibrate"], "give --out FILE to calibrate, or --check FILE"),
        (["calibrate", "--out", "a.toml", "--check", "b.toml"], "give --out FILE to calibrate, or --check FILE"),
        (["calibrate", "--out", "a.html"], "let it end with .toml"),
        (["calibrate", "--out", "a.toml", "--decisions", "missing.jsonl"], "cannot read missing.jsonl"),
        (["calibrate", "--check", "missing.toml", "--decisions", "empty.jsonl"], "cannot read the calibration"),
        (["decide", "job_1", "maybe"], "'maybe'"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_is_right(
    arguments: list[str], says: str, vitrine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_text("")
    said = vitrine(*arguments)
    assert (said.code, says in said.err) == (2, True), said
