"""`vitrine run` as a command: exit codes, one sentence per error, and every way of being stopped."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from calling import command, environment, write_sheet
from local_service import KEY, Service

from serve_app.cli import app
from serve_app.runs.run import AT_ONCE

NAMES = [f"Hemd {number}" for number in range(16)]
Capture = pytest.CaptureFixture[str]


def vitrine(*arguments: str | Path) -> int:
    """Exit code of the command, called in this process."""
    with pytest.raises(SystemExit) as ended:
        app([str(argument) for argument in arguments])
    code = ended.value.code  # a text is a message of code 1
    return code if isinstance(code, int) else int(code is not None)


def contents(out: Path) -> dict[str, Any]:
    """Every picture and record of a run."""
    pictures = {path.name: path.read_bytes() for path in (out / "pictures").iterdir()}
    return pictures | {path.name: json.loads(path.read_text("utf-8")) for path in (out / "records").iterdir()}


def stopped_at(articles: int, with_signal: int, sheet: Path, out: Path, url: str) -> tuple[int, str]:
    """Exit code and last words of a process that gets the signal once so many records are there."""
    arguments = command("run", sheet, "--out", out, "--server", url)
    with subprocess.Popen(
        arguments, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment()
    ) as run:
        while run.poll() is None and len(list(out.glob("records/*.json"))) < articles:
            time.sleep(0.005)
        os.kill(run.pid, with_signal)
        _, said = run.communicate(timeout=60)
    return run.returncode, said


@pytest.mark.parametrize("articles", [1, 9])
def test_a_killed_run_goes_on_and_gives_what_an_unbroken_one_gives(
    service: Service, tmp_path: Path, articles: int
) -> None:
    sheet = write_sheet(tmp_path / "sheet.csv", NAMES)
    assert vitrine("run", sheet, "--out", tmp_path / "whole", "--server", service.url) == 0
    service.asked.clear()
    service.pause = 0.05
    stopped_at(articles, signal.SIGKILL, sheet, tmp_path / "killed", service.url)
    assert 0 < len(list((tmp_path / "killed" / "records").glob("*.json"))) < len(NAMES)
    assert vitrine("run", sheet, "--out", tmp_path / "killed", "--server", service.url) == 0
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    twice = [name for name, times in service.asked.items() if times > 1]
    assert len(twice) <= AT_ONCE, f"asked again: {twice}"


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_how_to_go_on_and_does(service: Service, tmp_path: Path, with_signal: int) -> None:
    service.pause = 0.05
    sheet = write_sheet(tmp_path / "sheet.csv", NAMES)
    code, said = stopped_at(6, with_signal, sheet, tmp_path / "out", service.url)
    assert code == 130
    assert "of 16 articles done; the same command goes on from here" in said
    assert "Traceback" not in said
    assert vitrine("run", sheet, "--out", tmp_path / "out", "--server", service.url) == 0
    assert len(contents(tmp_path / "out")) == 2 * len(NAMES)


def test_json_is_the_statistics_as_one_document(service: Service, sheet: Path, tmp_path: Path, capsys: Capture) -> None:
    assert vitrine("run", sheet, "--out", tmp_path / "out", "--server", service.url, "--json") == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "out" / "statistics.json").read_text("utf-8"))
    for name in ("contact_sheet.png", "report.html"):
        assert (tmp_path / "out" / name).stat().st_size > 1_000


def test_articles_that_failed_give_exit_code_1(service: Service, sheet: Path, tmp_path: Path, capsys: Capture) -> None:
    service.broken = {"Hose"}
    assert vitrine("run", sheet, "--out", tmp_path / "out", "--server", service.url) == 1
    said = capsys.readouterr().out
    assert "sheet.csv row 5: the renderer failed (internal)" in said
    assert "sheet.csv row 3: Which colour?" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--policy", "guess"), "--policy"),
        (("--size", "100"), "--size"),
        (("--columns", "titel=Titel"), "--columns takes COLUMN=TITLE pairs"),
        (("--columns", "name=Titel"), "no column 'Titel'; found 'name'"),
        (("--adapter", "oil"), "there is no adapter 'oil'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    service: Service, sheet: Path, capsys: Capture, arguments: tuple[str, str], says: str
) -> None:
    assert vitrine("run", sheet, "--out", sheet.parent / "out", "--server", service.url, *arguments) == 2
    *_, last = capsys.readouterr().err.strip().splitlines()
    assert last.startswith("vitrine: ")
    assert says in last


def test_a_service_that_does_not_answer_gives_exit_code_3(
    sheet: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve_app.client.retries.FIRST_PAUSE_S", 0.001)
    assert vitrine("run", sheet, "--out", tmp_path / "out", "--server", "http://127.0.0.1:9") == 3
    assert "no answer from http://127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize(("method", "status"), [("POST", 401), ("POST", 403), ("GET", 403)])
def test_a_key_that_opens_nothing_is_said_once_and_no_article_has_failed(
    service: Service, sheet: Path, capsys: Capture, method: str, status: int
) -> None:
    service.declines = {method: status}
    out = sheet.parent / "out"
    arguments = ("run", sheet, "--out", out, "--server", service.url, "--api-key")
    assert vitrine(*arguments, "vk_wrong") == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("vitrine: ")]
    assert said == ["vitrine: not with this key"]
    records = [json.loads(path.read_text("utf-8")) for path in out.glob("records/*.json")]
    assert [record for record in records if record["status"] == "failed"] == []
    assert vitrine(*arguments, KEY) == 0


def test_help_costs_less_than_half_a_second_and_imports_no_model() -> None:
    code = "import sys, serve_app.cli; print({'torch', 'ray', 'fastapi', 'polars'} & set(sys.modules))"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert loaded.stdout.strip() == "set()"
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert seconds < 0.5, f"{seconds:.2f} s of processor time"


def test_verdict_rates_of_a_folder_are_those_of_its_run(
    service: Service, sheet: Path, tmp_path: Path, capsys: Capture
) -> None:
    vitrine("run", sheet, "--out", tmp_path / "out", "--server", service.url)
    capsys.readouterr()
    assert vitrine("evaluate", "pictures", tmp_path / "out", "--json") == 0
    rates = json.loads(capsys.readouterr().out)
    whole = json.loads((tmp_path / "out" / "statistics.json").read_text("utf-8"))
    assert rates == {name: whole[name] for name in rates}
    assert {"attributes", "pass_rate", "clip", "articles"} <= set(rates)
    assert vitrine("evaluate", "pictures", tmp_path) == 2
