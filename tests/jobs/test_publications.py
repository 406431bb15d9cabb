"""Publications on both databases: sums are exact, nothing counts twice, and each belongs to its tenant."""

import asyncio

import pytest
from sqlalchemy import select

from serve_app.access.idempotency import KeyReusedError
from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.publications import Happened, NewPublication, Publications
from serve_app.jobs.schema import publication_counts
from serve_app.publications.publication import Variant

TWO = [Variant("a", "0" * 64), Variant("b", "1" * 64, "men", 2.5)]


def new(tenant: str = "shop") -> NewPublication:
    return NewPublication(tenant, "a1", "shop front", "click", TWO, "key_1")


async def test_a_publication_is_read_as_it_was_made(database: Database) -> None:
    desk = Publications(database)
    made = await desk.publish(new())
    assert (made.variants, made.channel, made.goal, made.created > 1.7e9) == (TWO, "shop front", "click", True)
    assert await desk.get("shop", made.id) == made
    assert await desk.page("shop", 10) == [made]


async def test_events_that_are_posted_at_once_are_all_counted(database: Database) -> None:
    desk = Publications(database)
    made = await desk.publish(new())
    posts = [[Happened("a", "impression", 3), Happened("b", "click"), Happened("a", "impression")]] * 20
    await asyncio.gather(*(desk.add(made, events) for events in posts))
    assert await desk.counts(made) == {("a", "impression"): 80, ("b", "click"): 20}


async def test_a_post_that_is_sent_twice_counts_once_and_the_same_key_for_another_is_refused(
    database: Database,
) -> None:
    desk = Publications(database)
    made = await desk.publish(new())
    for _ in range(2):
        await desk.add(made, [Happened("a", "report", note="blue, not red")], ("k", "0" * 64))
    assert await desk.counts(made) == {("a", "report"): 1}
    assert [(each.variant, each.note) for each in await desk.notes(made)] == [("a", "blue, not red")]
    with pytest.raises(KeyReusedError):
        await desk.add(made, [Happened("a", "click")], ("k", "1" * 64))


async def test_sums_beyond_32_bits_are_kept(database: Database) -> None:
    desk = Publications(database)
    made = await desk.publish(new())
    for _ in range(5):
        await desk.add(made, [Happened("a", "impression", 10**9)])
    assert await desk.counts(made) == {("a", "impression"): 5 * 10**9}


async def test_a_tenant_sees_its_own_publications_and_sums_only(database: Database) -> None:
    desk = Publications(database)
    made = await desk.publish(new())
    await desk.add(made, [Happened("a", "click")])
    assert await desk.get("other", made.id) is None
    assert await desk.page("other", 10) == []
    async with database.reading("other") as connection:
        seen = (await connection.execute(select(publication_counts))).all()
    async with database.reading(EVERYONE) as connection:
        assert len((await connection.execute(select(publication_counts))).all()) == 1
    if database.on_postgres:
        assert seen == []


async def test_pages_go_on_where_the_one_before_ended(database: Database) -> None:
    desk = Publications(database)
    made = [(await desk.publish(new())).id for _ in range(5)]
    first = await desk.page("shop", 3)
    second = await desk.page("shop", 3, first[-1].id)
    assert [one.id for one in (*first, *second)] == made[::-1]
