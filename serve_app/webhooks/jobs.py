"""Which end of a job is which event."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.webhooks.deliveries import notify
from serve_app.webhooks.endpoints import Event

OF_STATE: dict[str, Event] = {
    "succeeded": "job.succeeded",
    "failed": "job.failed",
    "rejected": "job.failed",
    "canceled": "job.canceled",
    "awaiting_answer": "job.needs_answer",
}


async def job_ended(connection: AsyncConnection, tenant: str, job: str, state: str) -> None:
    """Queues the event of a job's end, in the transaction that ends it."""
    if state in OF_STATE:
        data: dict[str, Any] = {"id": job, "state": state}
        await notify(connection, tenant, OF_STATE[state], data)
