"""What every conductor does from time to time, whatever it works on: says that it lives, and forgets what is over."""

import asyncio
import logging

from serve_app.access import idempotency
from serve_app.jobs.database import Database, hold
from serve_app.jobs.machine import HELD_S
from serve_app.webhooks import deliveries

PURGE_S = 3600.0  # answers are kept a day, deliveries a month

log = logging.getLogger(__name__)


async def upkeep(database: Database) -> None:
    """Until it is cancelled; raises StoreError when another machine has taken an embedded database over."""
    loop = asyncio.get_running_loop()
    purge_at = 0.0
    while True:
        await asyncio.to_thread(hold, database.url)
        if loop.time() >= purge_at:
            purge_at = loop.time() + PURGE_S
            await _purged(database)
        await asyncio.sleep(HELD_S / 3)


async def _purged(database: Database) -> None:
    try:
        keys, told = await idempotency.purge(database), await deliveries.purge(database)
    except Exception:
        log.exception("what is over could not be forgotten; trying again in an hour")
    else:
        log.info("%d idempotency keys and %d deliveries were forgotten", keys, told)
