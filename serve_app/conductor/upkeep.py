"""What every conductor does from time to time, whatever it works on: says that it lives, and forgets what is over."""

import asyncio
import logging

from sqlalchemy import delete, exists

from serve_app.access import idempotency
from serve_app.jobs.database import EVERYONE, Database, hold, now
from serve_app.jobs.machine import HELD_S
from serve_app.jobs.schema import PREVIEW, events
from serve_app.webhooks import deliveries

PURGE_S = 3600.0  # answers are kept a day, deliveries a month
PREVIEWS_S = 3600.0  # no picture takes so long to draw, and no other event is as large

log = logging.getLogger(__name__)


async def upkeep(database: Database) -> None:
    """Until it is cancelled; raises StoreError when another machine has taken an embedded database over."""
    loop = asyncio.get_running_loop()
    purge_at = 0.0
    while True:
        try:
            await asyncio.to_thread(hold, database.url)
        except OSError:
            log.exception("the note beside the database could not be renewed; trying again in %g s", HELD_S / 3)
        if loop.time() >= purge_at:
            purge_at = loop.time() + PURGE_S
            await _purged(database)
        await asyncio.sleep(HELD_S / 3)


async def _purged(database: Database) -> None:
    try:
        keys, told = await idempotency.purge(database), await deliveries.purge(database)
        previews = await purge_previews(database)
    except Exception:
        log.exception("what is over could not be forgotten; trying again in an hour")
    else:
        log.info("%d idempotency keys, %d deliveries and %d previews were forgotten", keys, told, previews)


async def purge_previews(database: Database, older_than_s: float = PREVIEWS_S) -> int:
    """Forgets previews of so long ago; how many. A job's last event stays: the next one is numbered after it."""
    later = events.alias()
    followed = exists().where(later.c.job == events.c.job, later.c.number > events.c.number)
    old = delete(events).where(PREVIEW, events.c.at < now() - older_than_s, followed)
    async with database.writing(EVERYONE) as connection:
        return (await connection.execute(old)).rowcount
