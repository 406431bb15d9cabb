"""Calls over a blocking connection pool."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


class Wire:
    """Sends calls, again where that helps; what helps is decided by `Attempt` and `Following`."""

    def __init__(self, connection: Connection, transport: httpx.BaseTransport | None = None) -> None:
        self._connection = connection
        self._http = httpx.Client(**connection.arguments(), transport=transport)

    def send(self, call: Call[Answer]) -> Answer:
        """Raises VitrineClientError."""
        attempt = self._attempt(call)
        while True:
            settled = attempt.settled(self._outcome(attempt.call))
            if isinstance(settled, httpx.Response):
                return call.read(settled)
            time.sleep(settled)

    def download(self, call: Call[httpx.Response], path: Path) -> None:
        """The body of an answer as a file that is whole or not there; raises VitrineClientError and OSError."""
        attempt, part = self._attempt(call), part_of(path)
        try:
            while True:
                settled = attempt.settled(self._saved(call, part))
                if isinstance(settled, httpx.Response):
                    call.read(settled)
                    part.replace(path)
                    return
                time.sleep(settled)
        finally:
            part.unlink(missing_ok=True)

    def events(self, job: str, after: int | None, is_over: Callable[[], bool]) -> Iterator[Event]:
        """Goes on after a broken connection, until the job is over; raises VitrineClientError."""
        following = Following(job, after, self._connection.retries, self._connection.base_url)
        over = False
        while True:
            outcome: Outcome = ENDED_EARLY
            try:
                with self._stream(following.call) as response:
                    if response.is_success:
                        following.opened(response)
                        yield from map(following.took, EventSource(response).iter_sse())
                    else:
                        outcome = response
            except httpx.TransportError as error:
                outcome = error
            if outcome is ENDED_EARLY:
                if following.ended or over:
                    return
                if over := is_over():
                    continue  # what it told between the stream's end and this look
            time.sleep(following.after(outcome))

    def pages(self, page: Callable[[str | int | None], Call[Page[Item]]]) -> Iterator[Item]:
        """The items of all pages, each page asked for when it is reached."""
        cursor: str | int | None = None
        while True:
            found = self.send(page(cursor))
            yield from found.items
            if (cursor := found.cursor) is None:
                return

    def wait(self, look: Callable[[], tuple[Item, bool]], timeout_s: float | None, name: str) -> Item:
        """What `look` gives once it is over; raises StillRunningError."""
        for pause in looks(timeout_s):
            found, over = look()
            if over:
                return found
            time.sleep(pause)
        raise StillRunningError(f"{name} is not over within the time given; it goes on", code="still_running")

    def close(self) -> None:
        self._http.close()

    def _attempt(self, call: Call[Answer]) -> Attempt[Answer]:
        return Attempt(call, self._connection.retries, self._connection.base_url)

    def _outcome(self, call: Call[Answer]) -> Outcome:
        try:
            with call.arguments(self._connection.timeout_s) as arguments:
                return self._http.request(call.method, call.path, **arguments)
        except httpx.TransportError as error:
            return error

    def _saved(self, call: Call[httpx.Response], part: Path) -> Outcome:
        try:
            with self._stream(call) as response:
                if response.is_success:
                    with part.open("wb") as file:
                        for chunk in response.iter_bytes():
                            file.write(chunk)
                return response
        except httpx.TransportError as error:
            return error

    @contextmanager
    def _stream(self, call: Call[httpx.Response]) -> Iterator[httpx.Response]:
        """An answer whose body has not come yet, but for that of an error."""
        with (
            call.arguments(self._connection.timeout_s) as arguments,
            self._http.stream(call.method, call.path, **arguments) as response,
        ):
            if not response.is_success:
                response.read()
            yield response
