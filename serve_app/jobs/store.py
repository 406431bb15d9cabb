"""The durable store: finished articles in SQLite, pictures in a folder; what was saved survives any crash.

One folder serves one machine; any number of its processes may open it at once.
"""

import asyncio
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, Row, create_engine, event, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from models.errors import VitrineError
from serve_app.jobs import schema
from serve_app.jobs.objects import Objects
from serve_app.jobs.schema import articles

FILE = "vitrine.sqlite"
BUSY_MS = 30_000  # writers wait for each other; one transaction takes milliseconds


class StoreError(VitrineError):
    """The store's folder was written by a newer version, or is no store."""


@dataclass(frozen=True, slots=True)
class Article:
    """A finished article: `records` in the order of its colourways, `key` the hash of all that they depend on."""

    key: str
    article_id: str
    records: list[dict[str, Any]]
    status: str
    created: dt.datetime


class Store:
    """Bound to the event loop that first uses it; `close` it there."""

    def __init__(self, folder: Path, engine: AsyncEngine) -> None:
        self.folder = folder
        self.engine = engine
        self._pictures = Objects(folder / "objects")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Makes the folder and its tables where they are missing; raises StoreError when it is not ours to write."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / FILE
        first = create_engine(f"sqlite:///{file}")
        _configure(first)
        try:
            _create(first, folder)
        finally:
            first.dispose()
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
        _configure(engine.sync_engine)
        return cls(folder, engine)

    async def article(self, key: str) -> Article | None:
        async with self.engine.connect() as connection:
            found = (await connection.execute(select(articles).where(articles.c.key == key))).one_or_none()
        return None if found is None else _article(found)

    async def articles_by_id(self, article_id: str) -> list[Article]:
        """Every result saved for an article, the newest first."""
        wanted = select(articles).where(articles.c.article_id == article_id).order_by(articles.c.created.desc())
        async with self.engine.connect() as connection:
            return [_article(row) for row in await connection.execute(wanted)]

    async def save_article(self, key: str, article_id: str, records: list[dict[str, Any]], status: str) -> Article:
        """Saves a result unless the key has one; gives what the store holds now, so the first writer wins."""
        row = insert(articles).values(
            key=key, article_id=article_id, records=records, status=status, created=dt.datetime.now(dt.UTC)
        )
        async with self.engine.begin() as connection:
            await connection.execute(row.on_conflict_do_nothing(index_elements=[articles.c.key]))
            kept = (await connection.execute(select(articles).where(articles.c.key == key))).one()
        return _article(kept)

    async def put_picture(self, png: bytes) -> str:
        """SHA-256 of the picture's bytes, hex; putting the same picture again changes nothing."""
        return await asyncio.to_thread(self._pictures.put, png)

    async def picture(self, sha256: str) -> bytes | None:
        return await asyncio.to_thread(self._pictures.get, sha256)

    async def close(self) -> None:
        await self.engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _configure(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an accepted result outlives a power cut, not only a kill
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


def _create(engine: Engine, folder: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        version = connection.execute(text("PRAGMA user_version")).scalar_one()
        if version > schema.VERSION:
            raise StoreError(
                f"{folder} was written by a newer version of Vitrine (schema {version}); upgrade to read it"
            )
        schema.metadata.create_all(connection)
        connection.execute(text(f"PRAGMA user_version={schema.VERSION}"))


def _article(row: Row[Any]) -> Article:
    return Article(row.key, row.article_id, row.records, row.status, row.created.replace(tzinfo=dt.UTC))
