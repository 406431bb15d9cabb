"""`vitrine capacity` from the files that a user has to what is printed."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from serve_app.cli import app

ROOT = Path(__file__).parents[2]
TABLE = str(ROOT / "loadtests" / "cost_table.yaml")
CURVE = "time_s,requests_per_s\n0,2\n30,6\n60,0\n"


def called(folder: Path, *options: str, curve: str = CURVE) -> Any:
    (folder / "curve.csv").write_text(curve, "utf-8")
    return CliRunner().invoke(app, ["capacity", "--traffic", str(folder / "curve.csv"), *options])


def test_a_curve_becomes_replicas_gpus_latency_and_cost_over_time(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = called(tmp_path, "--slo", "p95=3", "--cost-table", TABLE, "--price", "gpu=2", "--json", "--out", str(out))
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.output)
    assert found["traffic"]["peak_per_s"] == 6.0
    assert found["scaled"]["holds"]
    assert found["scaled"]["cost"] == pytest.approx(2 * found["scaled"]["gpu_hours"])
    assert found["smallest"]["replicas"]["renderer"] >= 1
    assert found["smallest"]["with_headroom"]["gpus"] > found["smallest"]["gpus"]
    assert (out / "capacity.png").read_bytes().startswith(b"\x89PNG")
    assert "smallest fixed size" in (out / "capacity.html").read_text("utf-8")


def test_an_objective_that_is_missed_is_the_exit_code_and_is_said(tmp_path: Path) -> None:
    ended = called(tmp_path, "--slo", "p95=0.1", "--cost-table", TABLE)
    assert ended.exit_code == 1
    assert "does NOT hold" in ended.output
    assert "no number of replicas holds the objective" in ended.output


@pytest.mark.parametrize(
    ("curve", "options", "says"),
    [
        ("time_s\n0\n", [], "no column requests_per_s"),
        ("time_s,requests_per_s\n0,2\n", [], "rise, over two lines"),
        ("time_s,requests_per_s\n0,2\nsoon,3\n", [], "line 3: time_s and requests_per_s must be numbers"),
        ("time_s,requests_per_s,kind\n0,2,poster\n9,0,poster\n", [], "no kind 'poster'"),
        (CURVE, ["--price", "cpu=1"], "'cpu=1' is not understood"),
        (CURVE, ["--config", TABLE + "x"], "cannot read"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(
    tmp_path: Path, curve: str, options: list[str], says: str
) -> None:
    ended = called(tmp_path, "--slo", "p95=3", "--cost-table", TABLE, *options, curve=curve)
    assert says in str(ended.exception), ended
