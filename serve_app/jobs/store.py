"""The durable store: finished articles and stages in the database, pictures as objects; what was saved stays."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from serve_app.jobs.database import Database, inserting, now, sqlite_url
from serve_app.jobs.objects import Objects
from serve_app.jobs.schema import LOOK, articles, pictures, stages

LOCAL = "local"  # the tenant of a service without keys


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture that lies in the object store: its hash, and under which key; of a delivered one its mark and look."""

    sha256: str
    key: str
    mark: int | None = None
    look: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class NewArticle:
    """A finished article: `records` in the order of its colourways, `key` the hash of all that they depend on."""

    key: str
    article_id: str
    records: list[dict[str, Any]]
    status: str


@dataclass(frozen=True, slots=True)
class Article(NewArticle):
    """A finished article as it was saved."""

    created: float


class Store:
    """What is done and must not be done again. Every method sees one tenant's results only."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self.database, self.objects = database, objects

    @classmethod
    def open(cls, folder: Path, url: str | None = None, objects: str | None = None) -> Self:
        """SQLite and objects in `folder`, unless addresses say otherwise; raises StoreError."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(Database.open(url or sqlite_url(folder)), Objects.open(objects or folder / "objects"))

    async def article(self, tenant: str, key: str) -> Article | None:
        wanted = select(articles).where(articles.c.key == key, articles.c.tenant == tenant)
        async with self.database.reading(tenant) as connection:
            found = (await connection.execute(wanted)).one_or_none()
        return None if found is None else _article(found)

    async def articles_by_id(self, tenant: str, article_id: str) -> list[Article]:
        """Every result saved for an article, the newest first."""
        mine = select(articles).where(articles.c.article_id == article_id, articles.c.tenant == tenant)
        async with self.database.reading(tenant) as connection:
            return [_article(row) for row in await connection.execute(mine.order_by(articles.c.created.desc()))]

    async def save_article(self, tenant: str, new: NewArticle, placed: Sequence[Placed] = ()) -> Article:
        """Saves a result with its pictures unless the key has one; gives what the store holds now, so the first writer
        wins."""
        async with self.database.writing(tenant) as connection:
            await _insert(connection, tenant, placed)
            first = inserting(connection, articles, **asdict(new), tenant=tenant, created=now())
            await connection.execute(first.on_conflict_do_nothing(index_elements=["key"]))
            kept = (await connection.execute(select(articles).where(articles.c.key == new.key))).one()
        return _article(kept)

    async def stage(self, tenant: str, key: str) -> Any | None:
        """The committed answer of a stage, a JSON value."""
        wanted = select(stages.c.answer).where(stages.c.key == key, stages.c.tenant == tenant)
        async with self.database.reading(tenant) as connection:
            return (await connection.execute(wanted)).scalar_one_or_none()

    async def save_stages(self, tenant: str, answers: dict[str, Any], placed: Sequence[Placed] = ()) -> None:
        """Commits answers (key -> JSON value) and their pictures in one transaction; the first writer of a key wins."""
        async with self.database.writing(tenant) as connection:
            await _insert(connection, tenant, placed)
            lines = [{"key": key, "tenant": tenant, "answer": answer} for key, answer in answers.items()]
            first = inserting(connection, stages, created=now())
            await connection.execute(first.on_conflict_do_nothing(index_elements=["key"]), lines)

    async def put_picture(self, tenant: str, owner: str, content: bytes, ext: str = "png") -> str:
        """SHA-256 of a picture's bytes, hex; `owner` is the id of what made it. The same picture is kept once."""
        digest = hashlib.sha256(content).hexdigest()
        if (place := await self._place(tenant, digest)) is not None:
            await self.objects.settle(place)
            return digest
        await self.save_pictures(tenant, [await self.place(tenant, owner, content, ext)])
        return digest

    async def place(self, tenant: str, owner: str, content: bytes, ext: str = "png", settled: bool = True) -> Placed:
        """Stores a picture's bytes; it is found by its hash when what is given here was saved."""
        key, digest = await self.objects.put(tenant, owner, content, ext, settled)
        return Placed(digest, key)

    async def save_pictures(self, tenant: str, placed: Sequence[Placed]) -> None:
        if placed:
            async with self.database.writing(tenant) as connection:
                await _insert(connection, tenant, placed)

    async def picture(self, tenant: str, sha256: str) -> bytes | None:
        place = await self._place(tenant, sha256)
        return None if place is None else await self.objects.get(place)

    async def _place(self, tenant: str, sha256: str) -> str | None:
        wanted = select(pictures.c.place).where(pictures.c.sha256 == sha256, pictures.c.tenant == tenant)
        async with self.database.reading(tenant) as connection:
            return (await connection.execute(wanted)).scalar_one_or_none()

    async def close(self) -> None:
        await self.database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _insert(connection: AsyncConnection, tenant: str, placed: Sequence[Placed]) -> None:
    if placed:
        first = inserting(connection, pictures, tenant=tenant).on_conflict_do_nothing(
            index_elements=["tenant", "sha256"]
        )
        await connection.execute(first, [_line(each) for each in placed])


def _line(placed: Placed) -> dict[str, Any]:
    look = dict(zip(LOOK, placed.look or (None,) * len(LOOK), strict=True))
    return {"sha256": placed.sha256, "place": placed.key, "mark": placed.mark, **look}


def _article(row: Row[Any]) -> Article:
    return Article(row.key, row.article_id, row.records, row.status, row.created)
