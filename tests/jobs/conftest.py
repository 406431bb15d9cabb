"""An open database of either kind."""

from collections.abc import AsyncIterator

import pytest

from serve_app.jobs.database import Database


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database.open(url)
    yield opened
    await opened.close()
