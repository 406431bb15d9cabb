"""A service over the doubles, in this process: a real queue, a real worker, no Ray."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bench import Bench
from in_process import serving

from serve_app.api.service import Service
from serve_app.conductor.performer import Performer
from serve_app.jobs.store import Store


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def performer(bench: Bench, tmp_path: Path) -> AsyncIterator[Performer]:
    async with Store.open(tmp_path) as store:
        made = Performer(bench.steps(), bench.fleet(), store)
        yield made
        await made.keeper.settled()


@pytest.fixture
async def service(bench: Bench, tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path, bench.steps(), bench.fleet()) as running:
        yield running
