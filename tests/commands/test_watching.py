"""Whoever watches sees a restart of the service through, and harms nothing by leaving."""

import functools
import json
import signal
import time
from pathlib import Path

import httpx
import pytest
from called import Command, process
from over_http import over_http

from serve_app.batches.feeder import Feeder
from serve_app.ports import free_port

SHIRT = ("--name", "Herren-Hemd", "--description", "Freizeithemd, langarm", "--model-descr", "rot kariert")
SLOW = {"delay_s": 20.0}  # whoever watches is there long before the end


def until(url: str, path: str, *states: str) -> None:
    for _ in range(600):
        if httpx.get(url + path).json()["state"] in states:
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} came to none of {states}")


def test_a_batch_is_watched_across_a_restart_of_the_service(
    vitrine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A feeder's lease of a batch outlives it; a minute of that is more than a test may take.
    monkeypatch.setattr("in_process.Feeder", functools.partial(Feeder, lease_s=3.0))
    port, rows = free_port(), 24
    lines = ["name,description,model_name,model_descr", *(f"Hemd {number},Freizeithemd,,rot" for number in range(rows))]
    (tmp_path / "sheet.csv").write_text("\n".join(lines), "utf-8")
    with over_http(tmp_path / "service", port, renderer=SLOW) as url:
        batch = vitrine("submit", tmp_path / "sheet.csv", "--candidates", "1", "--server", url).out.strip()
        until(url, f"/v1/batches/{batch}", "running")
        watching = process("watch", batch, "--json", "--server", url)
        assert watching.stderr is not None
        assert " rows: running" in watching.stderr.readline()
    with over_http(tmp_path / "service", port):
        out, err = watching.communicate(timeout=120)
    ended = json.loads(out)
    assert (watching.returncode, ended["state"], ended["counts"]) == (0, "finished", {"succeeded": rows}), err


def test_a_job_is_watched_across_a_restart_and_no_event_is_told_twice(vitrine: Command, tmp_path: Path) -> None:
    port = free_port()
    with over_http(tmp_path / "service", port, renderer=SLOW) as url:
        job = vitrine("submit", *SHIRT, "--candidates", "1", "--server", url).out.strip()
        watching = process("watch", job, "--json", "--server", url)
        assert watching.stdout is not None
        assert watching.stderr is not None
        told = [json.loads(watching.stdout.readline())]
        until(url, f"/v1/jobs/{job}", "running")
    with over_http(tmp_path / "service", port):
        told += [json.loads(line) for line in watching.stdout]
        assert watching.wait(timeout=60) == 0, watching.stderr.read()
    ids = [event["id"] for event in told if event["id"] is not None]
    assert ids
    assert (ids, told[-1]["event"]) == (list(range(1, len(ids) + 1)), "succeeded")


def test_ctrl_c_leaves_the_job_alone(vitrine: Command, tmp_path: Path) -> None:
    with over_http(tmp_path / "service", renderer={"delay_s": 5.0}) as url:
        job = vitrine("submit", *SHIRT, "--candidates", "1", "--server", url).out.strip()
        watching = process("watch", job, "--server", url)
        assert watching.stdout is not None
        watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=60)
        assert (watching.returncode, f"{job} goes on" in err) == (130, True), err
        assert "Traceback" not in err
        until(url, f"/v1/jobs/{job}", "succeeded")
