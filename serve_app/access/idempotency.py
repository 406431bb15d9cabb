"""Idempotency-Key: a request that is sent twice is done once, and answered twice.

The row of a key and what its request makes commit together or not at all. On Postgres a second request waits while a
transaction with the same key is open; on SQLite writers wait for each other anyway. So of any number exactly one makes.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import VitrineError
from serve_app.jobs.database import EVERYONE, Database, inserting, now
from serve_app.jobs.schema import idempotency

KEY = re.compile(r"[\x20-\x7e]{1,255}")
KEPT_S = 25 * 3600.0  # 24 h are promised from the answer on, and `created` is the start of the request
ACCEPTED = 202  # what everything that can be sent twice is answered


Asked = tuple[str, str]
"""A request's key and fingerprint."""


class IdempotencyKeyError(VitrineError):
    """The header's value cannot be a key."""


class KeyReusedError(VitrineError):
    """A key came with another request than before."""


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


async def made_once(
    connection: AsyncConnection, tenant: str, asked: Asked | None, make: Callable[[], Awaitable[str]]
) -> str:
    """The id of what a request makes, or made when it was sent before; `asked`: its key and fingerprint, if any.

    Raises IdempotencyKeyError and KeyReusedError.
    """
    if asked is None:
        return await make()
    key, print_ = checked(asked[0]), asked[1]
    mine = (idempotency.c.tenant == tenant, idempotency.c.key == key)
    first = inserting(connection, idempotency, tenant=tenant, key=key, fingerprint=print_, created=now())
    taken = first.on_conflict_do_nothing().returning(idempotency.c.key)
    if (await connection.execute(taken)).one_or_none() is not None:
        made = await make()
        await connection.execute(update(idempotency).where(*mine).values(status=ACCEPTED, answer={"id": made}))
        return made
    found = (await connection.execute(select(idempotency).where(*mine))).one()
    if found.fingerprint != print_:
        raise KeyReusedError(f"the key {key[:40]!r} was used for another request; use a new one")
    return str(found.answer["id"])


async def purge(database: Database, older_than_s: float = KEPT_S) -> int:
    """Forgets the keys of requests that came so long ago; how many."""
    async with database.writing(EVERYONE) as connection:
        gone = await connection.execute(delete(idempotency).where(idempotency.c.created < now() - older_than_s))
    return gone.rowcount
