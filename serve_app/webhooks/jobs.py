"""Which end of a job is which event."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.jobs.events import Said
from serve_app.jobs.schema import endpoints
from serve_app.webhooks.deliveries import notify
from serve_app.webhooks.endpoints import Event

OF_STATE: dict[str, Event] = {
    "succeeded": "job.succeeded",
    "failed": "job.failed",
    "rejected": "job.failed",
    "canceled": "job.canceled",
    "awaiting_answer": "job.needs_answer",
}


async def jobs_ended(connection: AsyncConnection, ends: Sequence[Said]) -> None:
    """Queues the events of jobs' ends (`kind` is the state), in the transaction that ends them."""
    tenants = {end.tenant for end in ends}
    listening = select(endpoints.c.tenant).where(endpoints.c.tenant.in_(tenants), endpoints.c.disabled.is_(None))
    heard = set((await connection.execute(listening.distinct())).scalars())
    for end in ends:
        if end.tenant in heard and end.kind in OF_STATE:
            data: dict[str, Any] = {"id": end.job, "state": end.kind}
            await notify(connection, end.tenant, OF_STATE[end.kind], data)
