"""API keys: 32 random bytes as text, kept as their SHA-256.

A slow hash with salt guards secrets that people choose. These are 256 random bits: no guess finds one, however fast the
hash is, and no two are alike; so one SHA-256 is enough, and an index finds it.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update

from models.errors import VitrineError
from serve_app.access.principal import SCOPES, Principal, Scope
from serve_app.access.tenants import checked, ensure
from serve_app.jobs.database import EVERYONE, Database, now
from serve_app.jobs.ids import new_id
from serve_app.jobs.schema import NAME, keys

SECRET = re.compile(r"vk_[A-Za-z0-9_-]{43}")  # 32 bytes in URL-safe base64
KNOWN_S = 5.0  # a client that polls each second costs a query each five
MOST_KNOWN = 10_000  # keys in memory, below 5 MB


class ApiKeyError(VitrineError):
    """A key cannot be made with this name or these scopes, or there is no such key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One row without its digest; times in seconds since 1970."""

    id: str
    tenant: str
    name: str
    scopes: tuple[Scope, ...]
    created: float
    revoked: float | None = None


COLUMNS = [keys.c[name] for name in Key.__dataclass_fields__]


class Keys:
    """A key that was revoked opens nothing after `known_s` seconds at the latest, in any process."""

    def __init__(
        self, database: Database, known_s: float = KNOWN_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database, self._known_s, self._clock = database, known_s, clock
        self._known: dict[bytes, tuple[Principal, float]] = {}  # digest -> until when it needs no query

    async def create(self, tenant: str, name: str, scopes: Sequence[str]) -> tuple[Key, str]:
        """A new key and its secret, which nothing can show again. Raises TenantError and ApiKeyError."""
        secret = f"vk_{secrets.token_urlsafe(32)}"
        line = {"id": new_id("key"), "tenant": checked(tenant), "name": _name(name), "scopes": _scopes(scopes)}
        made = insert(keys).values(**line, digest=_digest(secret), created=now()).returning(*COLUMNS)
        async with self._database.writing(tenant) as connection:
            await ensure(connection, tenant)
            key = _key((await connection.execute(made)).one())
        return key, secret

    async def find(self, secret: str) -> Principal | None:
        """Whom a secret speaks for; None for one that is unknown or revoked.

        The secret itself is compared with nothing. The index compares digests, and how long that takes tells about
        bits of a hash that the asker cannot steer.
        """
        if not SECRET.fullmatch(secret):
            return None
        digest, at = _digest(secret), self._clock()  # the time before the query: what it finds is never newer
        principal, until = self._known.get(digest, (None, at))
        if at < until:
            return principal
        wanted = select(*COLUMNS).where(keys.c.digest == digest, keys.c.revoked.is_(None))
        async with self._database.reading(EVERYONE) as connection:
            found = (await connection.execute(wanted)).one_or_none()
        if found is None:
            self._known.pop(digest, None)
            return None
        key = _key(found)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        principal = Principal(key.tenant, key.id, frozenset(key.scopes))
        self._known[digest] = (principal, at + self._known_s)
        return principal

    async def list(self, tenant: str | None = None) -> tuple[Key, ...]:
        """A tenant's keys, or everyone's, the oldest first, revoked ones included."""
        wanted = select(*COLUMNS).order_by(keys.c.id)
        if tenant is not None:
            wanted = wanted.where(keys.c.tenant == tenant)
        async with self._database.reading(EVERYONE if tenant is None else tenant) as connection:
            return tuple(_key(row) for row in await connection.execute(wanted))

    async def any(self) -> bool:
        """Whether there is a key that opens something."""
        async with self._database.reading(EVERYONE) as connection:
            wanted = select(keys.c.id).where(keys.c.revoked.is_(None)).limit(1)
            return (await connection.execute(wanted)).one_or_none() is not None

    async def revoke(self, key: str) -> bool:
        """Ends a key for good; False: there is no such key, or it is revoked already."""
        ended = update(keys).where(keys.c.id == key, keys.c.revoked.is_(None)).values(revoked=now())
        async with self._database.writing(EVERYONE) as connection:
            changed = (await connection.execute(ended)).rowcount == 1
        self._known.clear()
        return changed


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _name(name: str) -> str:
    if not 1 <= len(name) <= NAME or not name.isprintable():
        raise ApiKeyError(f"{name[: 2 * NAME]!r} is no name of a key: 1 to {NAME} printable characters")
    return name


def _scopes(scopes: Sequence[str]) -> list[str]:
    if not scopes or (unknown := set(scopes) - set(SCOPES)):
        given = ", ".join(sorted(unknown)) if scopes else "none"
        raise ApiKeyError(f"scopes of a key are some of {', '.join(SCOPES)}; given: {given}")
    return [scope for scope in SCOPES if scope in scopes]


def _key(row: Row[Any]) -> Key:
    """A scope that this version does not know opens nothing."""
    scopes = tuple(scope for scope in SCOPES if scope in row.scopes)
    return Key(row.id, row.tenant, row.name, scopes, row.created, row.revoked)
