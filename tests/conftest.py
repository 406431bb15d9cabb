"""What all tests share: SIGINT as a terminal gives it, and both databases that the store can live in."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests import postgres_server as postgres
from serve_app.jobs.database import sqlite_url

# A script's background ignores SIGINT, and what is ignored stays so in every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    if postgres.binaries() is None:
        pytest.skip("no Postgres on this machine; on Debian: apt-get install postgresql")
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.fresh()
