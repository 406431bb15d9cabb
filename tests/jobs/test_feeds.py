"""Batches on both databases: every row once, whatever dies; few rows open at once; long feeds in flat memory."""

import asyncio
import json
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import obstore
import pytest
from desk import HEADER, Desk, kept
from openpyxl import Workbook
from sqlalchemy import func, select

from serve_app.batches import feeder as feeding
from serve_app.batches.batches import NewBatch, reopened
from serve_app.batches.feed import rows
from serve_app.batches.records import MOST_CHARACTERS, Splitter
from serve_app.batches.source import inspect, keep
from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.enqueue import reopen
from serve_app.jobs.ids import new_id
from serve_app.jobs.job import Ended, Ending
from serve_app.jobs.objects import Objects, ObjectsError
from serve_app.jobs.schema import batch_rows, batches, deliveries, events, tenants
from serve_app.sheets import Columns, Row, SheetError
from serve_app.webhooks.endpoints import Endpoints


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects.open(tmp_path / "objects")


async def found(objects: Objects, tmp_path: Path, name: str, content: bytes, after: int = 0) -> list[Row]:
    return [row async for row in rows(objects, await kept(objects, tmp_path, name, content), after)]


@pytest.fixture
def desk(database: Database, objects: Objects, tmp_path: Path) -> Desk:
    return Desk(database, objects, tmp_path)


async def test_every_row_becomes_one_job_and_the_batch_finishes(desk: Desk) -> None:
    await Endpoints(desk.database).create("a", "https://shop.example/hook", ["batch.finished"])
    names = [f"Hemd {number}" for number in range(1, 121)]
    batch = await desk.batch(names)
    assert (await desk.now(batch)).state == "queued"
    done = await desk.finish(desk.feeder(window=50), batch)
    assert (done.state, done.total, done.taken, done.counts) == ("finished", 120, 120, {"succeeded": 120})
    assert await desk.orders(batch) == list(enumerate(names, 1))
    async with desk.database.reading(EVERYONE) as connection:
        told = (await connection.execute(select(deliveries.c.payload))).scalars().all()
    assert [(each["type"], each["data"]) for each in told] == [("batch.finished", {"id": batch, "state": "finished"})]


async def test_a_feeder_that_dies_at_any_moment_loses_no_row_and_doubles_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Hemd {number}" for number in range(1, 61)]
    batch = await desk.batch(names)
    insert_rows, calls = feeding.insert_rows, 0

    async def dying(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        added = await insert_rows(*given)
        if calls % 2 == 0:  # jobs and rows are written and not committed
            raise asyncio.CancelledError
        return added

    monkeypatch.setattr(feeding, "insert_rows", dying)
    deaths = 0
    while (await desk.now(batch)).total is None:
        one = desk.feeder(lease_s=0.05, window=1000)
        one._window = (await desk.now(batch)).taken + 7  # so that each takes a few
        try:
            await one.feed_some()
        except asyncio.CancelledError:
            deaths += 1
        await asyncio.sleep(0.1)  # the lease of the dead one runs out
    assert deaths >= 4
    assert await desk.orders(batch) == list(enumerate(names, 1))
    assert [row.row for row in await desk.batches.rows("a", batch, 1000)] == list(range(1, 61))


async def test_a_batch_under_anothers_lease_is_left_alone(desk: Desk) -> None:
    batch = await desk.batch(["Hemd 1", "Hemd 2"])
    first, second = desk.feeder(lease_s=0.5), desk.feeder()
    assert await first.feed_some()
    assert not await second.feed_some()
    await asyncio.sleep(0.6)
    await desk.work()
    assert await second.feed_some()
    assert not await first.feed_some()
    assert (await desk.now(batch)).counts == {"succeeded": 2}


async def test_four_feeders_at_once_take_every_row_once(desk: Desk) -> None:
    batches = [await desk.batch([f"{batch} {number}" for number in range(40)]) for batch in range(3)]
    feeders = [desk.feeder(lease_s=0.02, window=9) for _ in range(4)]
    for _ in range(60):
        await asyncio.gather(*(feeder.feed_some() for feeder in feeders))
        await desk.work()
        if all([(await desk.now(batch)).finished for batch in batches]):
            break
    for place, batch in enumerate(batches):
        assert (await desk.now(batch)).counts == {"succeeded": 40}
        assert await desk.orders(batch) == [(number + 1, f"{place} {number}") for number in range(40)]


async def test_rows_of_one_article_share_a_job_and_its_end(desk: Desk) -> None:
    batch = await desk.batch(["Hemd", "Hose", "Hemd", "Rock", "Hose", "Hemd"])
    feeder = desk.feeder(window=4)
    await feeder.feed_some()
    assert [name for _, name in await desk.orders(batch)] == ["Hemd", "Hose", "Rock"]
    await desk.work(state="awaiting_answer")
    done = await desk.finish(feeder, batch)
    found = await desk.batches.rows("a", batch, 100)
    assert len({row.job for row in found if row.row in (1, 3, 6)}) == 1
    assert {row.article_id for row in found if row.row in (2, 5)} == {found[1].article_id}
    assert done.counts == {"awaiting_answer": 6}
    assert len(await desk.orders(batch)) == 3


async def test_the_window_bounds_what_waits(desk: Desk) -> None:
    batch = await desk.batch([f"Hemd {number}" for number in range(50)])
    feeder = desk.feeder(window=10)
    while await feeder.feed_some():
        pass
    assert (await desk.queue.depth(), (await desk.now(batch)).taken) == ({"interactive": 0, "catalogue": 10}, 10)
    await desk.work(4)
    while await feeder.feed_some():
        pass
    assert ((await desk.queue.depth())["catalogue"], (await desk.now(batch)).taken) == (10, 14)


async def test_a_tenant_with_little_room_in_the_queue_is_fed_in_smaller_pieces(desk: Desk) -> None:
    async with desk.database.writing(EVERYONE) as connection:
        await connection.execute(tenants.insert().values(id="a", weight=1, most_queued=3, created=0.0))
    batch = await desk.batch([f"Hemd {number}" for number in range(20)])
    done = await desk.finish(desk.feeder(), batch)
    assert done.counts == {"succeeded": 20}
    assert [row for row, _ in await desk.orders(batch)] == list(range(1, 21))


async def test_a_pause_holds_what_waits_and_a_resume_goes_on(desk: Desk) -> None:
    batch = await desk.batch([f"Hemd {number}" for number in range(30)])
    feeder = desk.feeder(window=10)
    await feeder.feed_some()
    paused = await desk.batches.pause("a", batch)
    assert paused is not None
    assert (paused.state, await desk.work()) == ("paused", 0)
    assert not await feeder.feed_some()
    resumed = await desk.batches.resume("a", batch)
    assert resumed is not None
    assert resumed.state == "running"
    assert (await desk.finish(feeder, batch)).counts == {"succeeded": 30}


async def test_a_cancel_ends_what_waits_and_asks_what_runs(desk: Desk) -> None:
    batch = await desk.batch([f"Hemd {number}" for number in range(30)])
    feeder = desk.feeder(window=10)
    await feeder.feed_some()
    (running,) = await desk.queue.claim("w", 1)
    canceled = await desk.batches.cancel("a", batch)
    assert canceled is not None
    assert (canceled.state, canceled.total, canceled.finished) == ("canceled", 10, None)
    assert (await desk.queue.renew("w", [running.id])).canceled == {running.id}
    await feeder.feed_some()
    assert (await desk.now(batch)).counts == {"queued": 1, "canceled": 9}
    await desk.queue.finish("w", [Ending(running, Ended("canceled"))])
    while await feeder.feed_some():
        pass
    done = await desk.now(batch)
    assert (done.state, done.counts, done.finished is not None) == ("canceled", {"canceled": 10}, True)
    async with desk.database.reading(EVERYONE) as connection:
        told = select(func.count()).where(events.c.kind == "canceled")
        assert (await connection.execute(told)).scalar_one() == 10
    assert (await desk.batches.resume("a", batch)) == done


async def test_rows_that_cannot_be_asked_for_are_rejected_with_their_code(desk: Desk, tmp_path: Path) -> None:
    lines = [
        {"name": "Hemd", "description": "", "model_name": 4711, "model_descr": "rot"},
        {"name": ["Hemd"]}, {"name": "a\0b"}, {"name": "\ud800"}, 5, {"name": "x" * MOST_CHARACTERS},
    ]  # fmt: skip
    batch = new_id("batch")
    text = "\n".join(json.dumps(line) for line in lines) + "\n{broken\n"
    source = await kept(desk.objects, tmp_path, "feed.jsonl", text.encode(), batch)
    await desk.batches.create(NewBatch(batch, "a", source))
    done = await desk.finish(desk.feeder(), batch)
    assert (done.state, done.counts) == ("finished", {"succeeded": 1, "rejected": 6})
    codes = [row.error and row.error["code"] for row in await desk.batches.rows("a", batch, 10)]
    broken = "broken_row"
    assert codes == [None, "wrong_type", "not_text", "not_text", broken, broken, broken]


async def test_a_feed_that_breaks_off_fails_after_the_rows_it_had(desk: Desk, tmp_path: Path) -> None:
    batch = new_id("batch")
    source = await kept(desk.objects, tmp_path, "feed.xlsx", b"PK\x03\x04 no workbook", batch)
    await desk.batches.create(NewBatch(batch, "a", source))
    done = await desk.finish(desk.feeder(), batch)
    assert (done.state, done.total, (done.error or {})["code"]) == ("failed", 0, "damaged")


async def test_a_batch_whose_stored_feed_is_gone_fails_after_the_rows_it_had(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serve_app.batches.source.PART", 4096)
    batch = await desk.batch([f"Hemd {number}" for number in range(1000)])
    feeder = desk.feeder(window=50)
    await feeder.feed_some()
    await feeder.close()  # another one reads from the start
    async with desk.database.reading(EVERYONE) as connection:
        source = (await connection.execute(select(batches.c.source))).scalar_one()
    await desk.objects.delete(source["parts"][2:])
    done = await desk.finish(feeder, batch)
    assert (done.state, (done.error or {})["code"]) == ("failed", "feed_lost")
    assert "send the rest of it as a new batch" in (done.error or {})["message"]
    assert 50 < done.taken < 1000
    assert done.counts == {"succeeded": done.taken}


async def test_an_object_store_that_does_not_answer_fails_no_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = await desk.batch(["Hemd"])
    with monkeypatch.context() as broken:

        async def away(*_: Any) -> Any:
            raise obstore.exceptions.GenericError("the bucket does not answer")

        broken.setattr("obstore.get_async", away)
        with pytest.raises(ObjectsError, match="does not answer"):
            await desk.feeder(lease_s=0.0).feed_some()
    assert (await desk.finish(desk.feeder(), batch)).counts == {"succeeded": 1}


async def test_a_feed_that_cannot_be_stored_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.batches.source.PART", 10)
    objects = Objects.open(tmp_path / "objects")
    (tmp_path / "feed").write_bytes(bytes(range(35)))
    put, calls = objects.put, 0

    async def full(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ObjectsError("no space left")
        return await put(*given)

    monkeypatch.setattr(objects, "put", full)
    with pytest.raises(ObjectsError, match="no space"):
        await keep(objects, "a", "batch_x", tmp_path / "feed")
    assert [file for file in (tmp_path / "objects").rglob("*") if file.is_file()] == []


async def test_a_batch_is_its_tenants_alone(desk: Desk) -> None:
    batch = await desk.batch(["Hemd"])
    await desk.feeder().feed_some()
    theirs = desk.batches
    for act in (theirs.get, theirs.pause, theirs.resume, theirs.cancel):
        assert await act("b", batch) is None
    assert (await theirs.list("b", 10), await theirs.rows("b", batch, 10)) == ([], [])
    assert (await desk.now(batch)).state == "running"


async def test_lists_and_rows_are_paged(desk: Desk) -> None:
    made = [await desk.batch([f"Hemd {number}" for number in range(5)]) for _ in range(3)]
    first = await desk.batches.list("a", 2)
    assert [each.id for each in [*first, *await desk.batches.list("a", 2, first[-1].id)]] == made[::-1]
    feeder = desk.feeder()
    while await feeder.feed_some():
        pass
    assert [row.row for row in await desk.batches.rows("a", made[0], 2, after=3)] == [4, 5]
    assert await desk.batches.rows("a", made[0], 2, state="succeeded") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_text_of_any_encoding_with_line_ends_in_its_cells(
    objects: Objects, tmp_path: Path, encoding: str
) -> None:
    text = 'model_descr;Name;description;model_name\r\nrot;Über;"Zeile 1\r\nZeile ""2""";7\r\n\r\nblau;b;c;8\r\n\r\n'
    read = await found(objects, tmp_path, "feed.csv", text.encode(encoding))
    assert [(row.row, row.values) for row in read] == [
        (1, ("Über", 'Zeile 1\r\nZeile "2"', "7", "rot")),
        (2, ("", "", "", "")),
        (3, ("b", "c", "8", "blau")),
    ]


async def test_a_record_above_the_limit_is_one_broken_row(objects: Objects, tmp_path: Path) -> None:
    text = HEADER + 'a,b,,\n"' + "x\n" * MOST_CHARACTERS * 3 + '",b,,\nc,d,,\n'
    read = await found(objects, tmp_path, "feed.csv", text.encode())
    assert [(row.row, row.values[0], row.fault is None) for row in read] == [
        (1, "a", True),
        (2, "", False),
        (3, "c", True),
    ]


async def test_a_feed_goes_on_behind_any_row_in_every_format(objects: Objects, tmp_path: Path) -> None:
    book = Workbook()
    for line in [HEADER.strip().split(","), *([f"Hemd {number}", "", number, ""] for number in range(1, 250))]:
        book.active.append(line)
    book.save(tmp_path / "feed.xlsx")
    text = HEADER.replace(",", "\t") + "".join(f"Hemd {number}\t\t{number}\t\n" for number in range(1, 250))
    for name, content in (("feed.xlsx", (tmp_path / "feed.xlsx").read_bytes()), ("feed.tsv", text.encode())):
        whole = await found(objects, tmp_path, name, content)
        assert [(row.row, row.values[0]) for row in whole] == [(n, f"Hemd {n}") for n in range(1, 250)]
        assert await found(objects, tmp_path, name, content, after=200) == whole[200:]


async def test_a_feed_without_a_column_is_refused_before_it_is_kept(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="model_descr"):
        await kept(objects, tmp_path, "feed.csv", b"name,description,model_name\na,b,c\n")
    with pytest.raises(SheetError, match="no sheet"):
        await kept(objects, tmp_path, "feed.exe", b"MZ")


async def test_a_long_feed_is_read_in_flat_memory(objects: Objects, tmp_path: Path) -> None:
    with (tmp_path / "long.csv").open("w") as out:
        out.write(HEADER)
        out.writelines(f'Hemd {number},"{"Baumwolle " * 200}",{number},rot\n' for number in range(20_000))
    size = (tmp_path / "long.csv").stat().st_size
    assert size > 40_000_000
    source = inspect(tmp_path / "long.csv", "long.csv", Columns())
    source = source.kept(await keep(objects, "a", "batch_x", tmp_path / "long.csv"))
    tracemalloc.start()
    try:
        count = 0
        async for row in rows(objects, source):
            count += 1
            assert row.row == count
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < size / 4, f"{peak >> 20} MiB for {size >> 20} MiB"


def test_records_end_where_the_csv_module_ends_them_however_the_text_is_cut() -> None:
    import csv
    import io
    import random

    chance = random.Random(1)
    for _ in range(3000):
        text = "".join(chance.choice('a",\n\r;') for _ in range(chance.randint(0, 14)))
        splitter, at, cut = Splitter(","), 0, []
        while at < len(text):
            step = chance.randint(1, 4)
            cut += splitter.feed(text[at : at + step])
            at += step
        cut += splitter.feed("", last=True)
        assert [next(csv.reader([record or ""]), []) for record in cut] == list(
            csv.reader(io.StringIO(text, newline=""))
        )


async def test_counts_agree_with_the_rows(desk: Desk) -> None:
    batch = await desk.batch([f"Hemd {number % 13}" for number in range(60)])
    feeder = desk.feeder(window=8)
    for turn in range(40):
        await feeder.feed_some()
        await desk.work(3, "failed" if turn % 2 else "succeeded")
        grouped = select(batch_rows.c.state).where(batch_rows.c.batch == batch)
        async with desk.database.reading(EVERYONE) as connection:
            states = Counter((await connection.execute(grouped)).scalars())
        assert (await desk.now(batch)).counts == states


async def test_a_feeder_that_leaves_hands_its_batches_on_at_once(desk: Desk) -> None:
    batch = await desk.batch([f"Hemd {number}" for number in range(40)])
    first, second = desk.feeder(window=10), desk.feeder()
    assert await first.feed_some()
    assert not await second.feed_some(), "the first one holds the batch"
    await first.leave()
    assert (await desk.finish(second, batch)).counts == {"succeeded": 40}


async def test_an_answer_opens_the_rows_of_a_batch_that_was_over(desk: Desk) -> None:
    batch = await desk.batch(["Hemd", "Hemd", "Hose"])
    feeder = desk.feeder()
    await feeder.feed_some()
    await desk.work(state="awaiting_answer")
    over = await desk.finish(feeder, batch)
    assert (over.state, over.counts) == ("finished", {"awaiting_answer": 3})
    shared = (await desk.batches.rows("a", batch, 10))[0].job
    assert shared is not None
    job = await desk.queue.job("a", shared)
    assert job is not None
    async with desk.database.writing("a") as connection:
        assert await reopen(connection, job, {"answers": {"colours": "rot"}})
        await reopened(connection, batch, shared)
    again = await desk.now(batch)
    assert (again.state, again.finished, again.counts) == ("running", None, {"awaiting_answer": 1, "queued": 2})
    assert (await desk.finish(feeder, batch)).counts == {"awaiting_answer": 1, "succeeded": 2}
