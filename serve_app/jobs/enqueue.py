"""New jobs get their turns here: fair between tenants, whatever each of them sends.

A new job stands behind its tenant's previous one, but never before the first that still waits. So ten thousand rows of
one tenant and single requests of another alternate, whatever came first.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import VitrineError
from models.telemetry.ids import Sender
from serve_app.jobs.database import for_everyone, inserting, now
from serve_app.jobs.ids import new_id
from serve_app.jobs.job import Job, Lane, Order
from serve_app.jobs.schema import QUEUED, WAITING, jobs, tenants, turns

MOST_QUEUED = 100_000  # of one tenant; a feed of any length feeds in by and by
STRIDE = 64  # turns that one job of weight 1 takes; a tenant of weight 2 takes half as many per job


class QueueFullError(VitrineError):
    """The tenant has as many jobs waiting as it may."""


async def enqueue(connection: AsyncConnection, orders: Sequence[Order]) -> list[str]:
    """`Queue.submit` inside a transaction that does more."""
    tenant, lane = orders[0].tenant, orders[0].lane
    weight, most = await _rights(connection, tenant)
    waiting = select(func.count()).where(WAITING, jobs.c.tenant == tenant)
    if (await connection.execute(waiting)).scalar_one() + len(orders) > most:
        raise QueueFullError(f"{most} jobs of this tenant are waiting already; send more when some are done")
    first = await _turns(connection, tenant, lane, len(orders), weight)
    lines = [
        {
            "id": new_id("job"),
            "tenant": order.tenant,
            "kind": order.kind,
            "lane": order.lane,
            "input": order.input,
            "options": order.options,
            "state": "queued",
            "turn": first + place * STRIDE // weight,
            "within": order.deadline,
            "batch": order.batch,
            "row": order.row,
            **_sent(order.sender),
        }
        for place, order in enumerate(orders)
    ]
    made = insert(jobs).values(created=now(), deadline=now() + bindparam("within", type_=jobs.c.deadline.type))
    await connection.execute(made, lines)
    return [str(line["id"]) for line in lines]


async def reopen(connection: AsyncConnection, job: Job, options: dict[str, Any]) -> bool:
    """Queues a job that awaits an answer again, behind its tenant's others; False when it does not await one."""
    weight, _ = await _rights(connection, job.tenant)
    again = update(jobs).where(jobs.c.id == job.id, jobs.c.tenant == job.tenant, jobs.c.state == "awaiting_answer")
    cleared = {**dict.fromkeys(("result", "error", "finished", "deadline")), "cancel_asked": False, "not_before": 0.0}
    turn = await _turns(connection, job.tenant, job.lane, 1, weight)
    queued = again.values(state="queued", options=options, attempts=0, turn=turn, **cleared, **_sent(Sender.here()))
    return bool((await connection.execute(queued)).rowcount)


def _sent(sender: Sender) -> dict[str, str | None]:
    return {"request": sender.ids.request or None, "traceparent": sender.traceparent}


async def _rights(connection: AsyncConnection, tenant: str) -> tuple[int, int]:
    found = await connection.execute(select(tenants.c.weight, tenants.c.most_queued).where(tenants.c.id == tenant))
    row = found.one_or_none()
    return (1, MOST_QUEUED) if row is None else (row.weight, row.most_queued or MOST_QUEUED)


async def _turns(connection: AsyncConnection, tenant: str, lane: Lane, count: int, weight: int) -> int:
    """The first of `count` turns behind the tenant's last one, and not before the first that waits."""
    async with for_everyone(connection):  # the head of the line is somebody else's job as a rule
        waiting = select(func.min(jobs.c.turn)).where(QUEUED, jobs.c.lane == lane)
        head = (await connection.execute(waiting)).scalar_one() or 0
    span = max(1, STRIDE * count // weight)
    taken = inserting(connection, turns, tenant=tenant, lane=lane, last=head + span)
    greatest = func.greatest if connection.dialect.name == "postgresql" else func.max
    behind = taken.on_conflict_do_update(
        index_elements=[turns.c.tenant, turns.c.lane], set_={"last": greatest(turns.c.last, head) + span}
    ).returning(turns.c.last)
    return int((await connection.execute(behind)).scalar_one()) - span
