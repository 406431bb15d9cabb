"""The service of doubles behind a real HTTP server on loopback, with a loop and a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import uvicorn
from bench import Bench
from in_process import serving

from serve_app.access.keys import Keys
from serve_app.access.limits import Limiter
from serve_app.api.app import create_app
from serve_app.outbound import Outbound, OutboundError

PUBLIC = "93.184.216.34"  # what every name means here
STARTS_IN_S = 60.0
RATE_PER_S = 1_000_000  # so that no answer is a 429


class Unconnected(Outbound):
    """Checks addresses as always, and says of every one it lets through that nobody answers there."""

    def __init__(self) -> None:
        super().__init__(resolve=lambda _: [PUBLIC])

    @contextlib.asynccontextmanager
    async def _answer(self, method: str, url: str, *_: object) -> AsyncIterator[httpx.Response]:
        await self.check(url)
        raise OutboundError("unreachable", f"this service connects to nothing, not even with {method} to {url[:80]!r}")
        yield  # makes it a generator


@contextlib.contextmanager
def on_loopback(
    folder: Path, outbound: Outbound | None = None, database: str | None = None
) -> Iterator[tuple[str, str]]:
    """Base URL and the secret of a key that may do everything; without `outbound` nothing is connected to.

    `database`: its address, SQLite in the folder by default.
    """
    served = Served(folder, outbound or Unconnected(), database)
    thread = threading.Thread(target=lambda: asyncio.run(served.run()), daemon=True)
    thread.start()
    assert served.up.wait(STARTS_IN_S), "the service did not start"
    try:
        yield served.url, served.secret
    finally:
        served.server.should_exit = True
        thread.join()


class Served:
    """`up` is set once `url` answers."""

    def __init__(self, folder: Path, outbound: Outbound, database: str | None) -> None:
        self.outbound, self.database = outbound, database
        self.folder, self.up = folder, threading.Event()
        self.url, self.secret = "", ""

    async def run(self) -> None:
        bench = Bench()
        async with serving(self.folder, bench.steps(), bench.fleet(), url=self.database) as service:
            _, self.secret = await Keys(service.store.database).create("shop", "all", ["admin"])
            made = create_app(service, self.outbound, Limiter(RATE_PER_S, RATE_PER_S))
            self.server = uvicorn.Server(uvicorn.Config(made, port=0, log_level="error", lifespan="off"))
            serving_http = asyncio.create_task(self.server.serve())
            while not self.server.started and not serving_http.done():
                await asyncio.sleep(0.01)
            self.url = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"
            self.up.set()
            await serving_http
