"""A conductor over the doubles."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bench import Bench

from serve_app.conductor import Conductor
from serve_app.jobs.store import Store


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def conductor(bench: Bench, tmp_path: Path) -> AsyncIterator[Conductor]:
    async with Store.open(tmp_path) as store:
        yield Conductor(bench.steps(), bench.fleet(), store)
