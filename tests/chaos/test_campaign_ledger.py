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


def ended(
    connection: psycopg.Connection,
    job: str,
    state: str,
    *,
    ends: int = 1,
    picture: str = DIGEST,
    ordered: str | None = None,
    key: str | None = None,
) -> None:
    """Writes a job with its events, under its own order unless told another, and its key of idempotency if any."""
    asked, result = json.dumps({"prompt": ordered or job}), json.dumps({"pictures": [{"sha256": picture}]})
    connection.execute(
        "INSERT INTO jobs (id, tenant, kind, lane, input, options, state, turn, result, created, finished)"
        " VALUES (%s, %s, 'image', 'interactive', %s, '{}', %s, 1, %s, 1, 3)",
        (job, SHOP, asked, state, result),
    )
    if key is not None:
        answer = json.dumps({"id": job})
        connection.execute("INSERT INTO idempotency VALUES (%s, %s, 'f', 202, %s, 1)", (SHOP, key, answer))
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


def test_a_second_end_or_another_result_or_a_job_without_a_key_is_a_double(
    written: tuple[psycopg.Connection, Ledger],
) -> None:
    connection, ledger = written
    ended(connection, "job_ended_twice", "succeeded", ends=2)
    ended(connection, "job_no_key", "succeeded")
    ended(connection, "job_other_result", "succeeded")
    seen = Accepted("job_other_result", SHOP, "image", "succeeded", ("f" * 64,))
    found = ledger.jobs([GOOD, Accepted("job_ended_twice", SHOP, "image"), seen])
    assert (found.doubled, found.unknown) == (("job_ended_twice", "job_no_key", "job_other_result"), ())


def test_the_only_job_of_an_order_whose_client_knows_none_is_unknown_and_no_double(
    written: tuple[psycopg.Connection, Ledger],
) -> None:
    connection, ledger = written
    ended(connection, "job_unheard_of", "succeeded", key="order-7")
    found = ledger.jobs([GOOD])
    assert (found.accepted, found.unknown, found.doubled, found.lost) == (1, ("order-7",), (), ())


def test_two_jobs_of_one_order_are_doubles_whatever_their_keys(written: tuple[psycopg.Connection, Ledger]) -> None:
    connection, ledger = written
    ended(connection, "job_first", "succeeded", ordered="a red shirt", key="try-1")
    ended(connection, "job_second", "succeeded", ordered="a red shirt", key="try-2")
    found = ledger.jobs([GOOD, Accepted("job_second", SHOP, "image")])
    assert (found.doubled, found.unknown) == (("job_first", "job_second"), ())


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
