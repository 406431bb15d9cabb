"""Quotes on both databases: what a dry run finds is counted once, and the pace is that of real work."""

from pathlib import Path

import pytest
from desk import Desk, kept

from serve_app.batches.batches import NewBatch
from serve_app.batches.quote import Pace, _pace, pace
from serve_app.jobs.database import Database
from serve_app.jobs.ids import new_id
from serve_app.jobs.job import Ended, Ending
from serve_app.jobs.objects import Objects
from serve_app.jobs.store import NewArticle, Store


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, Objects.open(tmp_path / "objects"), tmp_path)


async def test_a_dry_run_counts_every_article_once_however_its_rows_come(desk: Desk, tmp_path: Path) -> None:
    names = [f"Hemd {number % 12}" for number in range(40)]
    batch = new_id("batch")
    text = "name,description,model_name,model_descr\n" + "".join(f"{name},Hemd,,rot\n" for name in names)
    source = await kept(desk.objects, tmp_path, "feed.csv", text.encode(), batch)
    await desk.batches.create(NewBatch(batch, "a", source, {"dry_run": True, "candidates": 1}))
    feeder = desk.feeder(window=7)
    for _ in range(500):
        fed = await feeder.feed_some()
        claimed = await desk.queue.claim("w", 2)
        for job in claimed:
            colourways = int(job.input["name"].removeprefix("Hemd ")) % 3
            ended = Ended("succeeded", {"records": [{}] * colourways}) if colourways else Ended("rejected")
            assert await desk.queue.finish("w", [Ending(job, ended)])
        if not claimed and not fed and (await desk.now(batch)).finished:
            break
    done = await desk.now(batch)
    assert done.counts == {"rejected": 14, "succeeded": 26}
    assert done.planned == {"articles": 8, "pictures": 4 * 1 + 4 * 2}


async def test_the_pace_is_that_of_articles_that_were_drawn(database: Database, tmp_path: Path) -> None:
    store = Store(database, Objects.open(tmp_path))
    assert await pace(database) == Pace(0, 0, 0.0)
    drawn = {"timings": {"render": 2.0, "score": 0.5}, "candidates": [{}, {}]}
    await store.save_article("a", NewArticle("k1", "x", [drawn, drawn], "succeeded"))
    await store.save_article("b", NewArticle("k2", "y", [{"timings": {}, "candidates": []}], "needs_answer"))
    assert await pace(database) == Pace(1, 4, 2.5)


def test_articles_drawn_side_by_side_share_their_time_and_idle_time_is_none() -> None:
    one = [{"timings": {"render": 4.0}, "candidates": [{}]}]
    assert _pace([(100.0, one), (101.0, one), (102.0, one)]) == Pace(3, 3, 4.0 + 1.0 + 1.0)
    assert _pace([(100.0, one), (500.0, one)]) == Pace(2, 2, 4.0 + 4.0)
