"""Where a tenant wants to be told, about what, and with which secrets it is signed."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import VitrineError
from serve_app.access.idempotency import Asked, made_once
from serve_app.jobs.database import Database, now
from serve_app.jobs.ids import new_id
from serve_app.jobs.schema import deliveries, endpoints
from serve_app.webhooks.signing import new_secret

Event = Literal["job.succeeded", "job.failed", "job.canceled", "job.needs_answer", "batch.finished"]
EVENTS: tuple[Event, ...] = get_args(Event)
EVERY = "*"
OLD_SECRET_S = 24 * 3600.0  # a receiver has a day to take over the new one
MOST_SECRETS = 4  # signatures in one header, however often a tenant rotates within a day
MOST_ENDPOINTS = 20  # of one tenant; each event is posted to all of them
MOST_CHARACTERS = 2000  # of an address

Clock = Callable[[], float]  # seconds since 1970


class EndpointError(VitrineError):
    """An endpoint cannot be registered as it was given."""


class TooManyEndpointsError(EndpointError):
    """The tenant has as many endpoints as it may."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`secret` stands only in the answers of `create` and `rotate`; `disabled` says why nothing is sent."""

    id: str
    tenant: str
    url: str
    events: tuple[str, ...]
    disabled: str | None
    created: float
    secret: str | None = field(default=None, repr=False)


COLUMNS = [endpoints.c[name] for name in ("id", "tenant", "url", "events", "disabled", "created")]


class Endpoints:
    """Every call is one transaction of one tenant, for whom other tenants' endpoints do not exist: None or False."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database, self._clock = database, clock

    async def create(self, tenant: str, url: str, events: Sequence[str], asked: Asked | None = None) -> Endpoint:
        """Registers an address for some events, or for all with `*`; a request that was sent before gives its own.

        Raises EndpointError, IdempotencyKeyError and KeyReusedError.
        """
        _check_url(url)
        wanted = _checked(events)
        counted = select(func.count()).where(endpoints.c.tenant == tenant)

        async def make() -> str:
            if (await connection.execute(counted)).scalar_one() >= MOST_ENDPOINTS:
                raise TooManyEndpointsError(f"this tenant has {MOST_ENDPOINTS} endpoints already; delete one first")
            values = {"id": new_id("we"), "tenant": tenant, "url": url, "events": wanted}
            made = insert(endpoints).values(created=now(), secrets=[_entry(new_secret())], **values)
            await connection.execute(made)
            return str(values["id"])

        async with self._database.writing(tenant) as connection:
            found = await _with_secret(connection, tenant, await made_once(connection, tenant, asked, make))
        if found is None:
            raise EndpointError("the endpoint of this Idempotency-Key was deleted; use a new key for a new one")
        return found

    async def list(self, tenant: str) -> tuple[Endpoint, ...]:
        """The oldest first."""
        wanted = select(*COLUMNS).where(endpoints.c.tenant == tenant).order_by(endpoints.c.created, endpoints.c.id)
        async with self._database.reading(tenant) as connection:
            return tuple(_endpoint(row._mapping) for row in await connection.execute(wanted))

    async def get(self, tenant: str, endpoint: str) -> Endpoint | None:
        async with self._database.reading(tenant) as connection:
            found = (await connection.execute(select(*COLUMNS).where(*_mine(tenant, endpoint)))).one_or_none()
        return None if found is None else _endpoint(found._mapping)

    async def delete(self, tenant: str, endpoint: str) -> bool:
        """Forgets the endpoint and what still waits for it."""
        async with self._database.writing(tenant) as connection:
            return bool((await connection.execute(delete(endpoints).where(*_mine(tenant, endpoint)))).rowcount)

    async def rotate(self, tenant: str, endpoint: str, asked: Asked | None = None) -> Endpoint | None:
        """A new secret; messages are signed with the previous one as well for `OLD_SECRET_S`.

        None: the tenant has no such endpoint. Raises IdempotencyKeyError and KeyReusedError.
        """
        held, at = select(endpoints.c.secrets).where(*_mine(tenant, endpoint)).with_for_update(), self._clock()

        async def make() -> str:
            found = (await connection.execute(held)).one()
            old = [_entry(each["secret"], each["until"] or at + OLD_SECRET_S) for each in _unexpired(found.secrets, at)]
            kept = [_entry(new_secret()), *old][:MOST_SECRETS]
            await connection.execute(update(endpoints).where(*_mine(tenant, endpoint)).values(secrets=kept))
            return endpoint

        async with self._database.writing(tenant) as connection:
            if (await connection.execute(held)).one_or_none() is None:
                return None
            return await _with_secret(connection, tenant, await made_once(connection, tenant, asked, make))

    async def disable(self, tenant: str, endpoint: str, reason: str) -> bool:
        """Sends nothing more there; what still waits has failed."""
        async with self._database.writing(tenant) as connection:
            return await switch_off(connection, tenant, endpoint, reason)

    async def enable(self, tenant: str, endpoint: str) -> bool:
        """Sends what happens from now on."""
        changed = update(endpoints).where(*_mine(tenant, endpoint)).values(disabled=None)
        async with self._database.writing(tenant) as connection:
            return bool((await connection.execute(changed)).rowcount)


async def switch_off(connection: AsyncConnection, tenant: str, endpoint: str, reason: str) -> bool:
    """`Endpoints.disable` inside a transaction that does more; that one locks no delivery before."""
    changed = update(endpoints).where(*_mine(tenant, endpoint)).values(disabled=reason)
    waiting = update(deliveries).where(deliveries.c.endpoint == endpoint, deliveries.c.due.is_not(None))
    if not (await connection.execute(changed)).rowcount:
        return False
    await connection.execute(waiting.values(status="failed", due=None, answer=f"the endpoint is disabled: {reason}"))
    return True


def valid_secrets(held: Iterable[dict[str, Any]], at: float) -> list[str]:
    """Of the column `secrets`, those that sign at `at`, the newest first."""
    return [each["secret"] for each in _unexpired(held, at)]


def _unexpired(held: Iterable[dict[str, Any]], at: float) -> list[dict[str, Any]]:
    return [each for each in held if each["until"] is None or at < each["until"]]


async def _with_secret(connection: AsyncConnection, tenant: str, endpoint: str) -> Endpoint | None:
    """The endpoint with its newest secret, for who has just made that."""
    wanted = select(*COLUMNS, endpoints.c.secrets).where(*_mine(tenant, endpoint))
    found = (await connection.execute(wanted)).one_or_none()
    if found is None:
        return None
    columns = {column.name: getattr(found, column.name) for column in COLUMNS}
    return _endpoint(columns, found.secrets[0]["secret"])


def _entry(secret: str, until: float | None = None) -> dict[str, Any]:
    return {"secret": secret, "until": until}


def _mine(tenant: str, endpoint: str) -> tuple[Any, Any]:
    return endpoints.c.id == endpoint, endpoints.c.tenant == tenant


def _endpoint(row: Any, secret: str | None = None) -> Endpoint:
    return Endpoint(**{**row, "events": tuple(row["events"])}, secret=secret)


def _checked(events: Sequence[str]) -> list[str]:
    unknown = sorted(set(events) - {*EVENTS, EVERY})
    if unknown or not events:
        shown = ", ".join(unknown) or "nothing"
        raise EndpointError(f"{shown} cannot be subscribed to; choose from {', '.join(EVENTS)} or {EVERY}")
    return sorted(set(events))


def _check_url(url: str) -> None:
    """What is reached by it, and whether that is allowed, is seen when it is posted to."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= MOST_CHARACTERS
    except ValueError:
        whole = False
    if not whole or not url.isprintable() or " " in url:
        raise EndpointError(f"{url[:200]!r} is no address to post to; give one such as https://shop.example/hooks")
