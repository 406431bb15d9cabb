"""What jobs tell: numbered lines that are kept, so that whoever listens can go on where it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.jobs.database import now
from serve_app.jobs.schema import events, jobs


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a job tells."""

    tenant: str
    job: str
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a job told; `number` counts from 1."""

    number: int
    kind: str
    data: dict[str, Any]
    at: float


async def tell(connection: AsyncConnection, said: Sequence[Said]) -> None:
    """Adds events to their jobs' lists, in this order."""
    if not said:
        return
    theirs = sorted({one.job for one in said})
    # Who numbers a job's events holds its row, always in this order.
    await connection.execute(select(jobs.c.id).where(jobs.c.id.in_(theirs)).order_by(jobs.c.id).with_for_update())
    latest = select(events.c.job, func.max(events.c.number)).where(events.c.job.in_(theirs)).group_by(events.c.job)
    numbers: dict[str, int] = {row[0]: row[1] for row in await connection.execute(latest)}
    lines = []
    for one in said:
        numbers[one.job] = numbers.get(one.job, 0) + 1
        known = {"tenant": one.tenant, "job": one.job, "kind": one.kind, "data": one.data}
        lines.append(known | {"number": numbers[one.job]})
    await connection.execute(insert(events).values(at=now()), lines)


async def told(connection: AsyncConnection, tenant: str, job: str, after: int) -> list[Event]:
    """What a job told since the event number `after`."""
    columns = (events.c.number, events.c.kind, events.c.data, events.c.at)
    wanted = select(*columns).where(events.c.job == job, events.c.tenant == tenant, events.c.number > after)
    return [Event(*row) for row in await connection.execute(wanted.order_by(events.c.number))]
