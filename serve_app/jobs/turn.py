"""Writers of an embedded database stand in line for it; left to itself SQLite lets them sleep for up to 100 ms."""

import asyncio
import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType


class Turn:
    """`async with`: this task's turn among all tasks and processes of the machine. Who is killed leaves the line."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("ab")
        self._here = asyncio.Lock()
        self._line = ThreadPoolExecutor(1, thread_name_prefix="turn")  # its own, so that no other work stands before it

    async def __aenter__(self) -> None:
        await self._here.acquire()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await self._waited()
        except BaseException:
            self._here.release()
            raise

    async def _waited(self) -> None:
        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(self._line, fcntl.flock, self._file, fcntl.LOCK_EX)
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            waiting.add_done_callback(lambda _: self._leave())  # a thread cannot be called back from the line
            raise
        except BaseException:
            self._here.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._here.release()

    def close(self) -> None:
        self._file.close()
