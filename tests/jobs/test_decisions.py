"""Decisions on both databases: one stands for each picture, none is lost, and each belongs to its tenant."""

import asyncio

import pytest
from sqlalchemy import select, text

from serve_app.jobs.database import EVERYONE, Database
from serve_app.jobs.decisions import Decision, Decisions, NewDecision, Verdict
from serve_app.jobs.job import Order
from serve_app.jobs.queue import Queue
from serve_app.jobs.schema import decisions

SEEN = {"colours": {"state": "pass", "value": 3.25, "threshold": 16.0, "expected": "red (base)"}}
VERDICT = Verdict(SEEN, 27.5, 10.0, {"scorer": "s1"})


async def job(database: Database, tenant: str = "shop") -> str:
    return (await Queue(database).submit([Order(tenant, "article", {})]))[0]


def new(of: str, choice: str = "approved", article: str = "a1", tenant: str = "shop") -> NewDecision:
    wrong = ["colours"] if choice == "rejected" else []
    return NewDecision(tenant, of, article, "0" * 64, choice, wrong, "too dark", "key_1")


def ids(found: object) -> list[str]:
    return [one.id for one in found]  # type: ignore[attr-defined]


async def test_a_decision_is_kept_with_what_the_verdict_had_said(database: Database) -> None:
    of = await job(database)
    made = await Decisions(database).decide(new(of, "rejected"), VERDICT)
    assert (made.decision, made.checks, made.note, made.key) == ("rejected", ["colours"], "too dark", "key_1")
    assert (made.verdict, made.clip_score, made.score_10, made.models) == (SEEN, 27.5, 10.0, {"scorer": "s1"})
    assert made.created > 1.7e9
    assert await Decisions(database).standing("shop", 10) == [made]


async def test_the_last_decision_about_a_picture_stands_and_those_before_it_are_kept(database: Database) -> None:
    of, desk = await job(database), Decisions(database)
    made = [await desk.decide(new(of, choice), VERDICT) for choice in ("approved", "rejected", "approved")]
    other = await desk.decide(new(of, "rejected", article="a1-red"), VERDICT)
    assert ids(await desk.standing("shop", 10)) == [other.id, made[2].id]
    history = await desk.of_job("shop", of, 10)
    assert ids(history) == [other.id, *reversed(ids(made))]
    assert [one.replaced_by for one in history] == [None, None, made[2].id, made[1].id]


async def test_of_decisions_at_once_exactly_one_stands(database: Database) -> None:
    of, desk = await job(database), Decisions(database)
    await asyncio.gather(*(desk.decide(new(of, choice), VERDICT) for choice in ("approved", "rejected") * 10))
    assert len(await desk.standing("shop", 100)) == 1
    assert len(await desk.of_job("shop", of, 100)) == 20


async def test_a_request_that_is_sent_twice_decides_once(database: Database) -> None:
    of, desk = await job(database), Decisions(database)
    first = await desk.decide(new(of), VERDICT, ("k", "0" * 64))
    await desk.decide(new(of, "rejected"), VERDICT)
    again = await desk.decide(new(of), VERDICT, ("k", "0" * 64))
    assert again.id == first.id
    assert (await desk.standing("shop", 10))[0].decision == "rejected"


async def test_pages_go_on_where_the_one_before_ended(database: Database) -> None:
    desk = Decisions(database)
    made = [await desk.decide(new(await job(database)), VERDICT) for _ in range(5)]
    pages: list[Decision] = []
    while page := await desk.standing("shop", 2, pages[-1].id if pages else None):
        pages += page
    assert ids(pages) == ids(made)[::-1]


async def test_a_tenant_sees_its_own_decisions_only(database: Database) -> None:
    desk = Decisions(database)
    mine, theirs = await job(database), await job(database, "other")
    await desk.decide(new(mine), VERDICT)
    await desk.decide(new(theirs, tenant="other"), VERDICT)
    assert [one.tenant for one in await desk.standing("shop", 10)] == ["shop"]
    assert await desk.of_job("shop", theirs, 10) == []


async def test_on_postgres_the_rows_of_another_tenant_are_closed_even_to_a_query_without_a_condition(
    database: Database,
) -> None:
    if not database.on_postgres:
        pytest.skip("SQLite has no row-level security")
    for tenant in ("shop", "other"):
        await Decisions(database).decide(new(await job(database, tenant), tenant=tenant), VERDICT)
    async with database.writing("shop") as connection:
        assert (await connection.execute(select(decisions.c.tenant))).scalars().all() == ["shop"]
        assert (await connection.execute(text("DELETE FROM decisions"))).rowcount == 1
    async with database.reading(EVERYONE) as connection:
        assert (await connection.execute(select(decisions.c.tenant))).scalars().all() == ["other"]
