"""What stands now, told again and again: what waits in each lane, and how full the disk is."""

import asyncio
import logging
import shutil
from pathlib import Path

from models.telemetry.metrics import DISK_FREE, QUEUE_AGE, QUEUE_JOBS
from serve_app.jobs.queue import Queue

EVERY_S = 5.0  # Ray hands metrics on every ten seconds

log = logging.getLogger(__name__)


async def gauges(queue: Queue, folder: Path) -> None:
    """Until it is cancelled; `folder`: the data folder."""
    while True:
        try:
            await tell(queue, folder)
        except Exception:
            log.exception("the queue could not be looked at; trying again")
        await asyncio.sleep(EVERY_S)


async def tell(queue: Queue, folder: Path) -> None:
    for lane, stands in (await queue.standing()).items():
        QUEUE_JOBS(stands.waiting, lane=lane)
        QUEUE_AGE(stands.oldest_s, lane=lane)
    if folder.exists():  # a cluster that keeps nothing here has none
        DISK_FREE(shutil.disk_usage(folder).free)
