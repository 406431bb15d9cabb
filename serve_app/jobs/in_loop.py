"""SQLite on the event loop's own thread, under SQLAlchemy's asyncio dialect.

A statement takes less time than the way to another thread and back, and a writer holds the file for no longer than it
writes, however busy its loop is. What waits for the disk, the end of a transaction that wrote, runs in a thread.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

DISK = ThreadPoolExecutor(thread_name_prefix="commit")  # its own, so that no picture stands before a commit


def connecting(file: Path) -> Callable[[], Awaitable["InLoop"]]:
    """What an engine makes its connections with (`async_creator`); transactions begin where the engine says so."""

    async def connect() -> InLoop:
        return InLoop(sqlite3.connect(file, isolation_level=None, check_same_thread=False))

    return connect


class InLoopCursor:
    """A cursor as SQLAlchemy awaits it; nothing here waits."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        self._cursor.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)  # description, rowcount and the like


class InLoop:
    """A connection as SQLAlchemy awaits it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection  # the dialect asks for it by this name
        self._kept = connection.total_changes

    def cursor(self) -> InLoopCursor:
        return InLoopCursor(self._connection.cursor())

    async def create_function(self, *what: Any, **how: Any) -> None:
        self._connection.create_function(*what, **how)

    async def commit(self) -> None:
        """Returns when it is on the disk, also to who is cancelled: nothing else may use the connection meanwhile."""
        if self._connection.total_changes == self._kept:
            self._connection.commit()
            return
        committing = asyncio.get_running_loop().run_in_executor(DISK, self._connection.commit)
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            await asyncio.wait({committing})
            raise
        finally:
            self._kept = self._connection.total_changes

    async def rollback(self) -> None:
        self._connection.rollback()
        self._kept = self._connection.total_changes

    async def close(self) -> None:
        self._connection.close()

    def stop(self) -> None:
        self._connection.close()
