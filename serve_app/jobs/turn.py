"""Writers of an embedded database stand in line for it; left to itself SQLite lets them sleep for up to 100 ms."""

import asyncio
import contextlib
import fcntl
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


class Here:
    """A lock among the tasks of one loop; who is urgent stands before the others."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self, urgent: bool = False) -> None:
        if not self._taken:
            self._taken = True
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if urgent else self._waiting.append)(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.cancelled():
                self._waiting.remove(called)
            else:
                self.release()  # it was called in the same moment, so the next one is
            raise

    def release(self) -> None:
        for called in self._waiting:
            if not called.done():
                self._waiting.remove(called)
                called.set_result(None)
                return
        self._taken = False


class Turn:
    """`async with turn.mine()`: this task's turn among all tasks and processes of the machine. Who is killed leaves the
    line.

    A process that has just written must not be the next again while another one waits, though it is awake first: so
    the head of the line is a lock of its own, which a writer holds only until it has its turn.
    """

    def __init__(self, file: Path) -> None:
        self._head = file.with_suffix(".head").open("ab")
        self._turn = file.open("ab")
        self._here = Here()
        self._line = ThreadPoolExecutor(1, thread_name_prefix="turn")  # its own, so that no other work stands before it

    @contextlib.asynccontextmanager
    async def mine(self, urgent: bool = False) -> AsyncIterator[None]:
        """`urgent`: before the others of this process."""
        await self._here.acquire(urgent)
        try:
            if not self._taken_at_once():
                await self._waited()
            try:
                yield
            finally:
                fcntl.flock(self._turn, fcntl.LOCK_UN)
        finally:
            self._here.release()

    def _taken_at_once(self) -> bool:
        try:
            fcntl.flock(self._head, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            fcntl.flock(self._head, fcntl.LOCK_UN)
        return True

    async def _waited(self) -> None:
        waiting = asyncio.get_running_loop().run_in_executor(self._line, self._wait)
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            # A thread cannot be called back from the line, so it passes its turn on.
            await asyncio.wait({waiting})
            if waiting.exception() is None:
                fcntl.flock(self._turn, fcntl.LOCK_UN)
            raise

    def _wait(self) -> None:
        fcntl.flock(self._head, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._head, fcntl.LOCK_UN)

    async def close(self) -> None:
        """After the task whose turn it is; those behind it fail with ValueError."""
        await self._here.acquire()
        try:
            self._line.shutdown()
            self._head.close()
            self._turn.close()
        finally:
            self._here.release()
