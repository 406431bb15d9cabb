"""The processes of `loadtests.feed`: the API, and a conductor that feeds batches and works their jobs off at once.

    python -m loadtests.feeding api FOLDER [URL]
    python -m loadtests.feeding conductor FOLDER [URL]

Feeder, worker, queue, store and routes are the service's own. The models are simulated: what the worker performs is
over in no time and gives no picture.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from models.telemetry.recent import Key, Tally
from serve_app.api.app import create_app
from serve_app.api.service import Service
from serve_app.batches.feeder import Feeder
from serve_app.conductor.worker import Slots, Worker
from serve_app.jobs.job import Ended, Job
from serve_app.jobs.queue import Queue
from serve_app.jobs.store import Store
from serve_app.operations import Replicas
from serve_app.webhooks.jobs import jobs_ended

SLOTS = 500  # jobs in work at once, for they take no time
WINDOW = 4000  # rows open at once: more than the worker ends between two looks of the feeder


class Elsewhere:
    """The conductor as the API knows it: in another process, reached through the queue alone."""

    async def ended(self, tenant: str, job: str) -> Job | None:
        return None

    async def wake(self) -> None: ...

    async def cancel(self, job: str) -> None: ...

    async def about(self) -> dict[str, dict[str, Any]]:
        return {}

    async def silent(self) -> dict[str, str]:
        return {}

    async def recent(self) -> dict[Key, Tally]:
        return {}

    async def replicas(self) -> dict[str, Replicas]:
        return {}


async def drawn(job: Job, say: Callable[[str, dict[str, Any]], None]) -> Ended:
    """Simulated models: every article succeeds at once, without a picture."""
    return Ended("succeeded", {"records": []})


async def api(store: Store) -> None:
    """Serves on a free port and prints it."""
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    app = create_app(Service(store, Queue(store.database), Elsewhere()))
    await uvicorn.Server(uvicorn.Config(app, log_level="warning")).serve(sockets=[listening])


async def conductor(store: Store) -> None:
    """Feeds and works until it is killed."""
    queue = Queue(store.database, ended=jobs_ended)
    worker = Worker(store.database, queue, drawn, f"feeding-{os.getpid()}", Slots(SLOTS, SLOTS))
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        group.create_task(Feeder(store.database, store.objects, window=WINDOW).run(worker.wake))


async def main(role: str, folder: str, url: str | None = None) -> None:
    async with Store.open(Path(folder), url) as store:
        await {"api": api, "conductor": conductor}[role](store)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
