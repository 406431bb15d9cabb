"""A whole load test over the doubles: real Locust, real users, a verdict as exit code."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from over_http import over_http

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("locust") is None, reason="Locust is not installed: pip install -e '.[load]'"
)


def ran(url: str, out: Path, *options: str) -> tuple[int, dict[str, Any]]:
    # Objectives of seconds would fail on a machine that has other work; what is tested is that they are judged.
    command = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless", "--host", url]
    ended = subprocess.run(
        [*command, "--out", str(out), *options], cwd=ROOT, check=False, capture_output=True, text=True, timeout=240,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode in (0, 1), ended.stderr
    return ended.returncode, json.loads(ended.stdout.splitlines()[-1])


def test_a_marketplace_sends_every_kind_and_the_exit_code_says_whether_its_objectives_hold(tmp_path: Path) -> None:
    with over_http(tmp_path) as url:
        generous = [f"--objective={kind}=600" for kind in ("article", "job accepted", "bad request")]
        code, document = ran(url, tmp_path, "--shape=step", "--minutes=0.3", "--peak=2", "--seed=4", *generous)
    assert code == 0, document["claims"]
    assert document["failed"] == 0, document["said"]
    assert document["jobs"]["accepted"] > 5
    assert {"article", "job accepted", "job looked at"} <= set(document["kinds"])
    assert "Load test: step" in (tmp_path / "report.html").read_text("utf-8")


def test_workers_tell_their_master_what_they_saw_and_an_objective_that_fails_is_the_exit_code(tmp_path: Path) -> None:
    with over_http(tmp_path) as url:
        impossible = ("--objective=article=0.001", "--objective=job accepted=600")
        code, document = ran(url, tmp_path, "--processes=2", "--shape=soak", "--minutes=0.4", "--peak=2", *impossible)
    assert code == 1
    assert [claim for claim, holds in document["claims"].items() if not holds] == ["p95 of article at most 0.001 s"]
    assert document["jobs"]["accepted"] > 5
