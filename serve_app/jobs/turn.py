"""Writers of an embedded database stand in line for it; left to itself SQLite lets them sleep for up to 100 ms."""

import asyncio
import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType


class Turn:
    """`async with`: this task's turn among all tasks and processes of the machine. Who is killed leaves the line.

    A process that has just written must not be the next again while another one waits, though it is awake first: so
    the head of the line is a lock of its own, which a writer holds only until it has its turn.
    """

    def __init__(self, file: Path) -> None:
        self._head = file.with_suffix(".head").open("ab")
        self._turn = file.open("ab")
        self._here = asyncio.Lock()
        self._line = ThreadPoolExecutor(1, thread_name_prefix="turn")  # its own, so that no other work stands before it

    async def __aenter__(self) -> None:
        await self._here.acquire()
        try:
            if not self._taken_at_once():
                await self._waited()
        except BaseException:
            self._here.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

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

    def _leave(self) -> None:
        fcntl.flock(self._turn, fcntl.LOCK_UN)
        self._here.release()

    async def close(self) -> None:
        """After the task whose turn it is; those behind it fail with ValueError."""
        async with self._here:
            self._line.shutdown()
            self._head.close()
            self._turn.close()
