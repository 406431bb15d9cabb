"""The pace of a quote is read now and then, not with every look at a batch."""

import pytest

from serve_app.batches import quote
from serve_app.batches.quote import Pace, recent_pace
from serve_app.jobs.database import Database


async def test_the_pace_is_read_once_in_a_while_and_anew_after_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, at, reads = Pace(0, 0, 0.0), 1000.0, 0

    async def pace(_: Database) -> Pace:
        nonlocal reads
        reads += 1
        return found

    monkeypatch.setattr(quote, "pace", pace)
    monkeypatch.setattr(quote.time, "monotonic", lambda: at)
    assert [await recent_pace(database) for _ in range(2)] == [Pace(0, 0, 0.0)] * 2
    assert reads == 2, "that nothing was drawn yet is not kept"
    found = Pace(1, 4, 2.5)
    assert [await recent_pace(database) for _ in range(5)] == [found] * 5
    assert reads == 3
    at += quote.FRESH_S + 0.1
    found = Pace(2, 8, 4.0)
    assert await recent_pace(database) == found
