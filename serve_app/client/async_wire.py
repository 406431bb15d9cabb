"""Calls over a connection pool of asyncio: the same as `wire.py`, awaited."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import httpx
from httpx_sse import EventSource

from .answers import Event, Page
from .call import Answer, Attempt, Call, Outcome
from .connection import Connection, part_of
from .errors import StillRunningError
from .following import ENDED_EARLY, Following
from .retries import looks

Item = TypeVar("Item")


class AsyncWire:
    """Sends calls, again where that helps; what helps is decided by `Attempt` and `Following`."""

    def __init__(self, connection: Connection, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._connection = connection
        self._http = httpx.AsyncClient(**connection.arguments(), transport=transport)

    async def send(self, call: Call[Answer]) -> Answer:
        """Raises VitrineClientError."""
        attempt = self._attempt(call)
        while True:
            settled = attempt.settled(await self._outcome(attempt.call))
            if isinstance(settled, httpx.Response):
                return call.read(settled)
            await asyncio.sleep(settled)

    async def download(self, call: Call[httpx.Response], path: Path) -> None:
        """The body of an answer as a file that is whole or not there; raises VitrineClientError and OSError."""
        attempt, part = self._attempt(call), part_of(path)
        try:
            while True:
                settled = attempt.settled(await self._saved(call, part))
                if isinstance(settled, httpx.Response):
                    call.read(settled)
                    part.replace(path)
                    return
                await asyncio.sleep(settled)
        finally:
            part.unlink(missing_ok=True)

    async def events(self, job: str, after: int | None, is_over: Callable[[], Awaitable[bool]]) -> AsyncIterator[Event]:
        """Goes on after a broken connection, until the job is over; raises VitrineClientError."""
        following = Following(job, after, self._connection.retries, self._connection.base_url)
        over = False
        while True:
            outcome: Outcome = ENDED_EARLY
            try:
                async with self._stream(following.call) as response:
                    if response.is_success:
                        following.opened(response)
                        async for sent in EventSource(response).aiter_sse():
                            yield following.took(sent)
                    else:
                        outcome = response
            except httpx.TransportError as error:
                outcome = error
            if outcome is ENDED_EARLY:
                if following.ended or over:
                    return
                if over := await is_over():
                    continue  # what it told between the stream's end and this look
            await asyncio.sleep(following.after(outcome))

    async def pages(self, page: Callable[[str | int | None], Call[Page[Item]]]) -> AsyncIterator[Item]:
        """The items of all pages, each page asked for when it is reached."""
        cursor: str | int | None = None
        while True:
            found = await self.send(page(cursor))
            for item in found.items:
                yield item
            if (cursor := found.cursor) is None:
                return

    async def wait(self, look: Callable[[], Awaitable[tuple[Item, bool]]], timeout_s: float | None, name: str) -> Item:
        """What `look` gives once it is over; raises StillRunningError."""
        for pause in looks(timeout_s):
            found, over = await look()
            if over:
                return found
            await asyncio.sleep(pause)
        raise StillRunningError(f"{name} is not over within the time given; it goes on", code="still_running")

    async def close(self) -> None:
        await self._http.aclose()

    def _attempt(self, call: Call[Answer]) -> Attempt[Answer]:
        return Attempt(call, self._connection.retries, self._connection.base_url)

    async def _outcome(self, call: Call[Answer]) -> Outcome:
        try:
            with call.arguments(self._connection.timeout_s) as arguments:
                return await self._http.request(call.method, call.path, **arguments)
        except httpx.TransportError as error:
            return error

    async def _saved(self, call: Call[httpx.Response], part: Path) -> Outcome:
        try:
            async with self._stream(call) as response:
                if response.is_success:
                    with part.open("wb") as file:
                        async for chunk in response.aiter_bytes():
                            await asyncio.to_thread(file.write, chunk)
                return response
        except httpx.TransportError as error:
            return error

    @asynccontextmanager
    async def _stream(self, call: Call[httpx.Response]) -> AsyncIterator[httpx.Response]:
        """An answer whose body has not come yet, but for that of an error."""
        with call.arguments(self._connection.timeout_s) as arguments:
            async with self._http.stream(call.method, call.path, **arguments) as response:
                if not response.is_success:
                    await response.aread()
                yield response
