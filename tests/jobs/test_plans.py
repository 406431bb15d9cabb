"""No look of the service reads a table that grows for ever from end to end: SQLite's own plans say so."""

import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from sqlalchemy import event

from serve_app.batches.quote import pace
from serve_app.conductor.upkeep import purge_previews
from serve_app.jobs.database import FILE, Database, sqlite_url
from serve_app.jobs.objects import Objects
from serve_app.webhooks.deliveries import Courier, notify, purge
from serve_app.webhooks.endpoints import Endpoints

GROWING = {"jobs", "batch_rows", "batches", "events", "articles", "deliveries", "idempotency"}
# Indexes of what is open, waits or is due, and one that is read up to a limit; the others hold every row for ever.
SHORT = {
    "jobs_in_line", "jobs_leased", "jobs_waiting", "jobs_expiring", "batch_rows_open", "batches_open", "articles_drawn",
}  # fmt: skip

Statements = list[tuple[str, Any]]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database.open(sqlite_url(tmp_path))
    yield Desk(database, Objects.open(tmp_path / "objects"), tmp_path)
    await database.close()


async def _nobody(*_: object) -> tuple[int, str]:
    raise NotImplementedError


def heard(database: Database) -> Statements:
    """Every statement from now on, with its parameters."""
    statements: Statements = []

    @event.listens_for(database._engine.sync_engine, "before_cursor_execute")
    def _(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        one = parameters[0] if isinstance(parameters, list) else parameters
        statements.append((statement, one))

    return statements


def long_looks(folder: Path, statements: Statements) -> set[str]:
    """The steps of plans that read a growing table, or an index that grows like it, from end to end."""
    found = set()
    with sqlite3.connect(folder / FILE) as connection:
        for statement, parameters in statements:
            if statement.split()[0] not in {"SELECT", "UPDATE", "DELETE", "WITH"}:
                continue
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters):
                scan = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
                if scan is not None and scan[1] in GROWING and scan[2] not in SHORT:
                    found.add(f"{step}: {statement}")
    return found


async def test_a_batch_is_fed_worked_off_and_booked_without_a_long_look(desk: Desk, tmp_path: Path) -> None:
    await Endpoints(desk.database).create("a", "https://shop.example/hook", ["*"])
    statements = heard(desk.database)
    batch = await desk.batch([f"Hemd {number % 30}" for number in range(60)])
    done = await desk.finish(desk.feeder(window=20), batch)
    assert done.counts == {"succeeded": 60}
    assert len(statements) > 50
    assert long_looks(tmp_path, statements) == set()


async def test_webhooks_and_quotes_are_looked_for_without_a_long_look(desk: Desk, tmp_path: Path) -> None:
    await Endpoints(desk.database).create("a", "https://shop.example/hook", ["*"])
    async with desk.database.writing("a") as connection:
        await notify(connection, "a", "job.succeeded", {"id": "job_1"})
    statements = heard(desk.database)
    assert len(await Courier(desk.database, _nobody).claim(20, 5)) == 1
    await pace(desk.database)
    await purge(desk.database)
    await purge_previews(desk.database)
    assert len(statements) >= 6
    assert long_looks(tmp_path, statements) == set()


async def test_a_long_look_would_be_seen(desk: Desk, tmp_path: Path) -> None:
    statements: Statements = [("SELECT id FROM jobs WHERE state = 'failed'", ()), ("SELECT count(*) FROM jobs", ())]
    assert len(long_looks(tmp_path, statements)) == 2
