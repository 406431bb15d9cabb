"""A node that dies under load on a real cluster of several nodes: no accepted job is lost."""

import asyncio
import time
from pathlib import Path

import pytest

from loadtests import postgres_server
from loadtests.chaos.ledger import Ledger
from loadtests.nodes.__main__ import CONFIG, made_keys
from loadtests.nodes.callers import Callers
from loadtests.nodes.cluster import nodes

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(420),
    pytest.mark.skipif(postgres_server.binaries() is None, reason="no Postgres: several nodes share no SQLite"),
]
CALLERS = 3


def test_a_node_that_dies_under_load_costs_callers_nothing_and_loses_no_job(tmp_path: Path) -> None:
    with postgres_server.running() as server:
        keys = asyncio.run(made_keys(server.url))
        with nodes(CONFIG, 3, tmp_path / "home", server.url) as running:
            callers = Callers(running.base_url, keys, CALLERS)
            callers.start()
            time.sleep(5.0)
            assert running.lose_one() >= 2, "a raylet and its replicas"
            time.sleep(10.0)
            seen = callers.stop()
        jobs = Ledger(server.admin("vitrine"), tmp_path / "home" / "objects").jobs(seen.accepted)
    assert not seen.failures
    assert jobs.accepted >= CALLERS, "every caller had a job at least, however slow the machine"
    assert (jobs.lost, jobs.doubled, jobs.unknown, jobs.incomplete) == ((), (), (), ())
