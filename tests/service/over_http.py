"""The application over doubles on a socket of this machine, with a loop and a thread of its own."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from bench import Bench
from fastapi import FastAPI
from in_process import Conducting, serving

from serve_app.access.keys import Keys
from serve_app.access.limits import Limiter
from serve_app.api.app import create_app
from serve_app.api.service import Service
from serve_app.outbound import Outbound, OutboundError

PUBLIC = "93.184.216.34"  # what every name means here
RATE_PER_S = 1_000_000  # so that no answer is a 429


async def open_door(service: Service) -> FastAPI:
    return create_app(service)


@contextlib.contextmanager
def over_http(
    folder: Path,
    port: int = 0,
    app: Callable[[Service], Awaitable[FastAPI]] = open_door,
    database: str | None = None,
    **troubles: Any,
) -> Iterator[str]:
    """The base URL of a service that runs until the block ends; `troubles` of its doubles.

    `database`: its address, SQLite in the folder by default. Raises what the service raised.
    """
    running: list[uvicorn.Server] = []

    async def serve(listening: socket.socket) -> None:
        bench = Bench(**troubles)
        async with serving(folder, bench.steps(), bench.fleet(), url=database) as service:
            config = uvicorn.Config(await app(service), log_level="error", timeout_graceful_shutdown=1)
            running.append(uvicorn.Server(config))
            await running[0].serve([listening])
            assert isinstance(service.conductor, Conducting)
            await service.conductor.worker.drain(0.0)  # as a replica that is stopped

    with socket.create_server(("127.0.0.1", port)) as listening, ThreadPoolExecutor(1) as thread:
        served = thread.submit(lambda: asyncio.run(serve(listening)))
        try:
            while not served.done() and not (running and running[0].started):
                time.sleep(0.01)
            assert not served.done(), "the service did not start"
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            for server in running:
                server.should_exit = True
            served.result()


@contextlib.contextmanager
def on_loopback(
    folder: Path, outbound: Outbound | None = None, database: str | None = None
) -> Iterator[tuple[str, str]]:
    """The same behind a locked door: base URL and the secret of a key that may do everything.

    Without `outbound` nothing is connected to.
    """
    secrets: list[str] = []

    async def locked(service: Service) -> FastAPI:
        _, secret = await Keys(service.store.database).create("shop", "all", ["admin"])
        secrets.append(secret)
        return create_app(service, outbound or Unconnected(), Limiter(RATE_PER_S, RATE_PER_S))

    with over_http(folder, app=locked, database=database) as url:
        yield url, secrets[0]


class Unconnected(Outbound):
    """Checks addresses as always, and says of every one it lets through that nobody answers there."""

    def __init__(self) -> None:
        super().__init__(resolve=lambda _: [PUBLIC])

    @contextlib.asynccontextmanager
    async def _answer(self, method: str, url: str, *_: object) -> AsyncIterator[httpx.Response]:
        await self.check(url)
        raise OutboundError("unreachable", f"this service connects to nothing, not even with {method} to {url[:80]!r}")
        yield  # makes it a generator
