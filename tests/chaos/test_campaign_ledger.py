"""The campaign's ledger sees what it is there to see."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from loadtests import postgres_server as postgres
from loadtests.chaos.ledger import Ledger
from loadtests.chaos.load import Accepted
from models.doubles.journal import Line
from serve_app.conductor.stages import Question, stage_key
from serve_app.jobs.database import migrate

SHOP = "shop-a"
PNG = b"a picture"
DIGEST = hashlib.sha256(PNG).hexdigest()
GOOD = Accepted("job_good", SHOP, "image", "succeeded", (DIGEST,))


@pytest.fixture
def written(postgres_server: postgres.Server, tmp_path: Path) -> Iterator[tuple[psycopg.Connection, Ledger]]:
    """A store that holds one good job with its picture, and the ledger over it."""
    url = postgres_server.fresh()
    migrate(url)
    admin = postgres_server.admin(url.rsplit("/", 1)[1])
    (tmp_path / "good.png").write_bytes(PNG)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("INSERT INTO pictures VALUES (%s, %s, 'good.png')", (SHOP, DIGEST))
        ended(connection, "job_good", "succeeded")
        yield connection, Ledger(admin, tmp_path)


def ended(connection: psycopg.Connection, job: str, state: str, ends: int = 1, picture: str = DIGEST) -> None:
    result = json.dumps({"pictures": [{"sha256": picture}]})
    connection.execute(
        "INSERT INTO jobs (id, tenant, kind, lane, input, options, state, turn, result, created, finished)"
        " VALUES (%s, %s, 'image', 'interactive', '{}', '{}', %s, 1, %s, 1, 3)",
        (job, SHOP, state, result),
    )
    for number in range(ends):
        connection.execute("INSERT INTO events VALUES (%s, %s, %s, %s, '{}', 3)", (job, number, SHOP, state))


def test_a_job_that_went_well_is_no_finding(written: tuple[psycopg.Connection, Ledger]) -> None:
    found = written[1].jobs([GOOD])
    assert (found.lost, found.doubled, found.incomplete, found.longest_s) == ((), (), (), 2.0)


def test_a_job_that_is_missing_or_failed_or_has_no_end_is_lost(written: tuple[psycopg.Connection, Ledger]) -> None:
    connection, ledger = written
    ended(connection, "job_failed", "failed")
    ended(connection, "job_silent", "succeeded", ends=0)
    names = ("job_failed", "job_gone", "job_silent")
    assert ledger.jobs([GOOD, *(Accepted(name, SHOP, "image") for name in names)]).lost == names


def test_a_second_job_or_end_or_result_is_a_double(written: tuple[psycopg.Connection, Ledger]) -> None:
    connection, ledger = written
    ended(connection, "job_ended_twice", "succeeded", ends=2)
    ended(connection, "job_nobody_knows", "succeeded")
    ended(connection, "job_other_result", "succeeded")
    seen = Accepted("job_other_result", SHOP, "image", "succeeded", ("f" * 64,))
    found = ledger.jobs([GOOD, Accepted("job_ended_twice", SHOP, "image"), seen])
    assert found.doubled == ("job_ended_twice", "job_nobody_knows", "job_other_result")


def test_a_picture_that_is_not_there_makes_a_job_incomplete(written: tuple[psycopg.Connection, Ledger]) -> None:
    connection, ledger = written
    ended(connection, "job_blank", "succeeded", picture="0" * 64)
    assert ledger.jobs([GOOD, Accepted("job_blank", SHOP, "image")]).incomplete == ("job_blank",)


def test_a_stage_is_repeated_only_after_its_commit(written: tuple[psycopg.Connection, Ledger]) -> None:
    connection, ledger = written
    digests = {"translator": "d"}
    for text, created in (("once", 10.0), ("lost and again", 20.0), ("committed and again", 30.0), ("unseen", 40.0)):
        key = stage_key(SHOP, "d", Question("translate", "translator", text))
        connection.execute("INSERT INTO stages VALUES (%s, %s, '1', %s)", (key, SHOP, created))
    begun = [("once", 9), ("lost and again", 15), ("lost and again", 19), ("committed and again", 29)]
    begun += [("committed and again", 31), ("never committed", 50)]
    journal = [Line(at, "translator", text) for text, at in begun]
    found = ledger.performed(journal, ["shop-b", SHOP], digests)
    assert (found.performed, found.stages, found.committed) == (6, 4, 4)
    assert (found.again, found.repeated, found.unseen) == (1, 1, 1)
