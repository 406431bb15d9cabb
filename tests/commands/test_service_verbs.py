"""submit, status, watch, cancel, batches against a real service over doubles: what they print and how they exit."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from called import Command, process
from over_http import over_http

from serve_app.cli import app
from serve_app.client import Job
from serve_app.client.errors import kind_of
from serve_app.client.resources import Jobs

SHEET = Path(__file__).parents[2] / "examples" / "articles.csv"
ROWS = sum(1 for _ in csv.DictReader(SHEET.open(newline="", encoding="utf-8")))
SHIRT = ("--name", "Herren-Hemd", "--description", "Freizeithemd, langarm", "--model-descr", "rot kariert")
HEADER = "name,description,model_name,model_descr"
NOBODY = "http://127.0.0.1:9"
WITHOUT_JSON = {"serve", "train starter"}  # they tell how they come on, on stderr


def test_a_sheet_is_submitted_watched_and_its_result_fetched(service: str, vitrine: Command, tmp_path: Path) -> None:
    where = ("--server", service)
    submitted = vitrine("submit", SHEET, "--policy", "neutral", "--candidates", "1", *where)
    batch = submitted.out.strip()
    assert (submitted.code, batch[:6]) == (0, "batch_")
    watched = vitrine("watch", batch, *where)
    assert watched.code == 0, watched
    assert watched.out.startswith(f"{batch}  finished  {ROWS} of {ROWS} rows done  articles.csv")
    shown = json.loads(vitrine("status", batch, "--json", *where).out)
    assert (shown["id"], shown["state"]) == (batch, "finished")
    lines = [json.loads(line) for line in vitrine("batches", "rows", batch, "--json", *where).out.splitlines()]
    assert [line["row"] for line in lines] == list(range(1, ROWS + 1))
    table = vitrine("batches", "result", batch, "--format", "csv", *where).out
    assert len(list(csv.DictReader(io.StringIO(table)))) == ROWS
    said = vitrine("batches", "result", batch, "--out", tmp_path / "all.zip", "--json", *where)
    assert json.loads(said.out) == {"path": str(tmp_path / "all.zip"), "bytes": (tmp_path / "all.zip").stat().st_size}
    assert "records.jsonl" in zipfile.ZipFile(tmp_path / "all.zip").namelist()
    assert batch in vitrine("batches", *where).out
    assert [found["id"] for found in json.loads(vitrine("batches", "--json", *where).out)["batches"]] == [batch]


def test_an_article_is_waited_for_with_its_stages_on_stderr_and_its_document_on_stdout(
    service: str, vitrine: Command
) -> None:
    said = vitrine("submit", *SHIRT, "--candidates", "1", "--wait", "--json", "--server", service)
    job = json.loads(said.out)
    assert (said.code, job["state"], job["result"]["records"][0]["status"]) == (0, "succeeded", "succeeded")
    assert f"{job['id']} is accepted" in said.err
    assert "stage=render" in said.err
    again = vitrine("status", job["id"], "--server", service)
    picture = f"/v1/pictures/{job['result']['records'][0]['sha256']}.png"
    assert again.out.splitlines()[0] == f"{job['id']}  succeeded"
    assert picture in again.out
    told = [json.loads(line) for line in vitrine("watch", job["id"], "--json", "--server", service).out.splitlines()]
    assert (told[-1]["event"], told[-1]["data"]["id"]) == ("succeeded", job["id"])


def test_a_listing_that_lacks_its_colour_ends_with_the_question(service: str, vitrine: Command) -> None:
    said = vitrine("submit", "--name", "Herren-Hemd", "--description", "Freizeithemd", "--wait", "--server", service)
    assert said.code == 0
    assert "awaiting_answer" in said.out
    assert "(colours: " in said.out


def test_a_fault_of_the_system_is_exit_code_1(vitrine: Command, tmp_path: Path) -> None:
    with over_http(tmp_path / "service", renderer={"refuse": "red"}) as service:
        one = vitrine("submit", *SHIRT, "--wait", "--server", service)
        assert (one.code, "failed" in one.out) == (1, True), one
        (tmp_path / "sheet.csv").write_text(
            "name,description,model_name,model_descr\nHemd,Freizeithemd,,rot\n", "utf-8"
        )
        sheet = vitrine("submit", tmp_path / "sheet.csv", "--wait", "--server", service)
        assert (sheet.code, "1 failed" in sheet.out) == (1, True), sheet


def test_a_sheet_comes_on_stdin_and_a_dry_run_draws_nothing(service: str, vitrine: Command) -> None:
    with process("submit", "-", "--dry-run", "--wait", "--json", "--server", service) as run:
        out, err = run.communicate(SHEET.read_text("utf-8"), timeout=120)
    batch = json.loads(out)
    assert (run.returncode, batch["name"], batch["dry_run"], batch["quote"]["rows"]) == (0, "stdin.csv", True, ROWS), (
        err
    )
    assert f"{ROWS} of {ROWS} rows done" in vitrine("status", batch["id"], "--server", service).out


def test_batches_are_paused_resumed_and_cancelled(service: str, vitrine: Command, tmp_path: Path) -> None:
    lines = [HEADER, *(f"Hemd {number},Freizeithemd,,rot" for number in range(200))]
    (tmp_path / "sheet.csv").write_text("\n".join(lines), "utf-8")
    batch = vitrine("submit", tmp_path / "sheet.csv", "--server", service).out.strip()
    for verb, state in (("pause", "paused"), ("resume", "running"), ("cancel", "canceled")):
        changed = json.loads(vitrine("batches", verb, batch, "--json", "--server", service).out)
        assert changed["state"] == state
    assert "canceled" in vitrine("cancel", batch, "--server", service).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["submit"], "give a sheet, or one article"),
        (["submit", "sheet.csv", "--name", "Hemd"], "give a sheet, or one article"),
        (["submit", "missing.csv"], "cannot read missing.csv"),
        (["submit", "sheet.csv", "--lane", "catalogue"], "--lane is for one article"),
        (["submit", "--name", "Hemd", "--dry-run"], "are for a sheet"),
        (["submit", "sheet.csv", "--format", "tsv"], "--format tsv is for stdin"),
        (["submit", "--name", "Hemd", "--format", "csv"], "--format csv is for stdin"),
        (["status", "order_1"], "is no id of a job (job_...) or batch (batch_...)"),
        (["batches", "result", "batch_1", "--format", "pdf"], "'pdf' is no format of a result"),
        (["batches", "result", "batch_1", "--json"], "give --out"),
        (["status", "job_1", "--server", "localhost"], "'localhost' is no address of a service"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(vitrine: Command, arguments: list[str], says: str) -> None:
    said = vitrine(*arguments, *([] if "--server" in arguments else ["--server", NOBODY]))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("vitrine: ")
    assert says in said.err
    assert "Traceback" not in said.err


def test_what_the_service_declines_is_said_in_its_words(service: str, vitrine: Command) -> None:
    said = vitrine("submit", *SHIRT, "--candidates", "99", "--server", service)
    assert (said.code, "options.candidates" in said.err) == (2, True), said
    said = vitrine("cancel", "job_" + "0" * 26, "--server", service)
    assert (said.code, "there is no job" in said.err) == (2, True), said


def test_a_service_that_does_not_answer_is_exit_code_3(vitrine: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.client.retries.FIRST_PAUSE_S", 0.001)
    monkeypatch.setenv("VITRINE_URL", NOBODY)
    for arguments in (["status", "job_1"], ["batches"], ["watch", "batch_1"], ["submit", *SHIRT]):
        said = vitrine(*arguments)
        assert (said.code, f"no answer from {NOBODY}" in said.err) == (3, True), said


@pytest.mark.parametrize(("status", "code"), [(401, 2), (404, 2), (422, 2), (429, 3), (500, 3), (503, 3)])
def test_a_fault_of_the_service_is_told_from_wrong_use(
    vitrine: Command, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    def declined(*_: object) -> Job:
        raise kind_of(status)("no", status=status)

    monkeypatch.setattr(Jobs, "get", declined)
    said = vitrine("status", "job_1", "--server", NOBODY)
    assert (said.code, said.err) == (code, "vitrine: no\n")


def test_text_of_others_does_not_steer_the_terminal(service: str, vitrine: Command, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(f"{HEADER}\n\x1b[2J\x07Hemd,,,\n", "utf-8")
    batch = vitrine("submit", tmp_path / "sheet.csv", "--wait", "--server", service).out.split()[0]
    shown = vitrine("batches", "rows", batch, "--server", service).out
    assert shown.strip()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", shown), repr(shown)


def test_colours_are_left_out_where_the_environment_says_so(service: str, vitrine: Command) -> None:
    batch = vitrine("submit", SHEET, "--candidates", "1", "--wait", "--server", service).out.split()[0]
    plain, coloured = [_watched(batch, service, **more) for more in ({"NO_COLOR": "1"}, {})]
    colour = re.compile(r"\x1b\[[0-9;]*3[0-9;]*m")
    assert colour.search(coloured), repr(coloured)
    assert not colour.search(plain), repr(plain)


def _watched(batch: str, service: str, **environment: str) -> str:
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color", **environment}
    with process("watch", batch, "--server", service, **terminal) as run:
        _, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    return err


def verbs(command: Any, words: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every verb with its options."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from verbs(inner, f"{words} {name}".strip())
    if not hasattr(command, "commands"):
        yield words, {option for parameter in command.params for option in parameter.opts}


def test_every_verb_but_two_has_json() -> None:
    known = dict(verbs(typer.main.get_command(app)))
    assert {"run", "submit", "batches result", "keys create"} <= set(known)
    assert {verb for verb, options in known.items() if "--json" not in options} == WITHOUT_JSON
