"""Idempotency-Key: a request that is sent twice is done once, and answered twice.

The functions take a connection, so that a job's row and the row of its key commit together or not at all; the class
puts each of them into a transaction of its own. On Postgres a `begin` waits while another transaction that began the
same key is open; on SQLite writers wait for each other anyway. So of any number at once exactly one is `New`.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import VitrineError
from serve_app.jobs.database import EVERYONE, Database, inserting, now
from serve_app.jobs.schema import idempotency

KEY = re.compile(r"[\x20-\x7e]{1,255}")
OWNER_S = 120.0  # a request without an answer for so long has lost its process
KEPT_S = 25 * 3600.0  # 24 h are promised from the answer on, and `created` is the start of the request


class IdempotencyKeyError(VitrineError):
    """The header's value cannot be a key."""


class KeyReusedError(VitrineError):
    """A key came with another request than before."""


@dataclass(frozen=True, slots=True)
class New:
    """Nobody did this: do it, then `finish` or `drop`. `since` tells this owner from one that takes over later."""

    since: float


@dataclass(frozen=True, slots=True)
class Running:
    """The first request with this key has no answer yet: 409."""


@dataclass(frozen=True, slots=True)
class Different:
    """The key belongs to another request: 422."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the first request was answered."""

    status: int
    answer: Any


Begun = New | Running | Different | Done


def fingerprint(method: str, path: str, body: bytes) -> str:
    """SHA-256, hex; `path` with its query, where that changes what is done."""
    digest = hashlib.sha256(json.dumps([method.upper(), path]).encode() + b"\n")  # JSON: no path can imitate a body
    digest.update(body)
    return digest.hexdigest()


def checked(key: str) -> str:
    """The key; raises IdempotencyKeyError."""
    if not KEY.fullmatch(key):
        raise IdempotencyKeyError(
            f"{key[:80]!r} ({len(key)} characters) is no Idempotency-Key: 1 to 255 printable ASCII characters"
        )
    return key


async def begin(connection: AsyncConnection, tenant: str, key: str, fingerprint: str) -> Begun:
    """Takes the key, also from an owner of the same request that died, or says what became of it.

    Raises IdempotencyKeyError.
    """
    line = {"tenant": tenant, "key": checked(key), "fingerprint": fingerprint, "created": now()}
    first = inserting(connection, idempotency, **line)
    dead = and_(
        idempotency.c.status.is_(None),
        idempotency.c.created < now() - OWNER_S,
        idempotency.c.fingerprint == first.excluded.fingerprint,
    )
    mine = first.on_conflict_do_update(
        index_elements=[idempotency.c.tenant, idempotency.c.key], set_={"created": now()}, where=dead
    ).returning(idempotency.c.created)
    since = (await connection.execute(mine)).scalar_one_or_none()
    if since is not None:
        return New(since)
    # The conflict has locked the row, so it is still there.
    found = (await connection.execute(select(idempotency).where(*_row(tenant, key)))).one()
    if found.fingerprint != fingerprint:
        return Different()
    return Running() if found.status is None else Done(found.status, found.answer)


async def finish(  # noqa: PLR0913
    connection: AsyncConnection, tenant: str, key: str, status: int, answer: Any, *, since: float | None = None
) -> bool:
    """Keeps the answer (JSON) for later requests; False when it has one, or the key was dropped.

    `since` of the `New`: False, too, when somebody took the key over.
    """
    kept = update(idempotency).where(*_unanswered(tenant, key, since)).values(status=status, answer=answer)
    return (await connection.execute(kept)).rowcount == 1


async def drop(connection: AsyncConnection, tenant: str, key: str, *, since: float | None = None) -> bool:
    """Frees a key whose answer must not be kept (5xx, 429): the next request is `New`. False as with `finish`."""
    freed = delete(idempotency).where(*_unanswered(tenant, key, since))
    return (await connection.execute(freed)).rowcount == 1


async def made_once(
    connection: AsyncConnection, tenant: str, asked: tuple[str, str] | None, make: Callable[[], Awaitable[str]]
) -> str:
    """The id of what a request makes, or made when it was sent before; `asked`: its key and fingerprint, if any.

    Key and thing commit together, so that no crash between them makes two of one. Raises IdempotencyKeyError and
    KeyReusedError.
    """
    if asked is None:
        return await make()
    begun = await begin(connection, tenant, *asked)
    if isinstance(begun, Done):
        return str(begun.answer["id"])
    if not isinstance(begun, New):
        raise KeyReusedError(f"the key {asked[0][:40]!r} was used for another request; use a new one")
    made = await make()
    await finish(connection, tenant, asked[0], 202, {"id": made})
    return made


class Idempotency:
    """Every call is one transaction, and does what the function of its name does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, tenant: str, key: str, fingerprint: str) -> Begun:
        async with self._database.writing(tenant) as connection:
            return await begin(connection, tenant, key, fingerprint)

    async def finish(self, tenant: str, key: str, status: int, answer: Any, *, since: float | None = None) -> bool:
        async with self._database.writing(tenant) as connection:
            return await finish(connection, tenant, key, status, answer, since=since)

    async def drop(self, tenant: str, key: str, *, since: float | None = None) -> bool:
        async with self._database.writing(tenant) as connection:
            return await drop(connection, tenant, key, since=since)

    async def purge(self, older_than_s: float = KEPT_S) -> int:
        """Forgets the keys of requests that began so long ago; how many."""
        async with self._database.writing(EVERYONE) as connection:
            gone = await connection.execute(delete(idempotency).where(idempotency.c.created < now() - older_than_s))
        return gone.rowcount


def _row(tenant: str, key: str) -> tuple[Any, Any]:
    return idempotency.c.tenant == tenant, idempotency.c.key == key


def _unanswered(tenant: str, key: str, since: float | None) -> tuple[Any, ...]:
    """The condition of a key that is in work, by the owner of `since` where that is given."""
    owner = () if since is None else (idempotency.c.created == since,)
    return *_row(tenant, key), idempotency.c.status.is_(None), *owner
