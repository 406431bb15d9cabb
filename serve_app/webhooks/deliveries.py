"""Events on their way: queued with what they tell of, posted until somebody took them or the schedule is over."""

import asyncio
import itertools
import json
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import VitrineError
from models.telemetry.metrics import WEBHOOKS
from serve_app.jobs.database import EVERYONE, Database, now
from serve_app.jobs.ids import new_id
from serve_app.jobs.schema import deliveries, endpoints
from serve_app.webhooks.endpoints import EVERY, Clock, Event, switch_off, valid_secrets
from serve_app.webhooks.signing import headers_for

MINUTE, HOUR = 60.0, 3600.0
# Seconds before each try, after the previous one: the schedule that Standard Webhooks 1.0 proposes, 75.6 h in all.
SCHEDULE = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
JITTER = 0.05  # of a pause: tries that failed together do not come back together
AT_ONCE = 20  # open connections of one courier
OF_TENANT = 5  # of them for one tenant, so that three more with dead receivers leave some to the others
LOOK_S = 1.0  # how often it is looked for what is due
KEPT_S = 30 * 24 * HOUR  # a delivery that is over can be looked up for so long
ANSWER_S = 15.0  # a receiver that works longer should answer first; the specification advises 15 to 30
SPARE_S = 30.0  # of a lease, for the database
GONE = 410
MOST_ANSWER = 500  # characters of an answer that are kept

log = logging.getLogger(__name__)

Post = Callable[[str, bytes, dict[str, str]], Awaitable[tuple[int, str]]]  # (url, body, headers) -> (status, text)


async def notify(
    connection: AsyncConnection, tenant: str, type: Event, data: dict[str, Any], clock: Clock = time.time
) -> list[str]:
    """Queues one delivery per endpoint that wants the event, in the transaction that makes it true; their ids.

    `data`: small, with the `id` of what has changed; a receiver fetches the rest.
    """
    # Locked until the commit: an endpoint that goes meanwhile takes these deliveries with it.
    wanted = (
        select(endpoints.c.id, endpoints.c.events)
        .where(endpoints.c.tenant == tenant, endpoints.c.disabled.is_(None))
        .with_for_update(read=True)
    )
    at = clock()
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    shared = {
        "tenant": tenant,
        "payload": {"type": type, "timestamp": moment, "data": data},
        "due": at + SCHEDULE[0],
        "status": "pending",
    }
    rows = await connection.execute(wanted)
    lines = [
        {"id": new_id("msg"), "endpoint": row.id, **shared} for row in rows if not {type, EVERY}.isdisjoint(row.events)
    ]
    if lines:
        await connection.execute(insert(deliveries).values(created=now()), lines)
    return [str(line["id"]) for line in lines]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery to post, and where; `due`: when the lease ends; nobody else's lease of this delivery ends then."""

    id: str
    tenant: str
    endpoint: str
    url: str
    secrets: list[dict[str, Any]] = field(repr=False)
    payload: dict[str, Any]
    tries: int
    due: float


class Courier:
    """Any number of them share the work; `post` follows no redirects and raises VitrineError where it reaches nobody.

    `clock`: seconds since 1970, the same for all couriers; `jitter`: a number from 0 to 1.
    """

    def __init__(
        self, database: Database, post: Post, clock: Clock = time.time, jitter: Callable[[], float] = random.random
    ) -> None:
        self._database, self._post, self._clock, self._jitter = database, post, clock, jitter

    async def run(self) -> None:
        """Delivers what is due until it is cancelled; who does not answer holds up no other tenant."""
        flying: dict[asyncio.Task[None], str] = {}
        try:
            while True:
                try:
                    claimed = await self.claim(AT_ONCE - len(flying), OF_TENANT, Counter(flying.values()))
                except Exception:
                    log.exception("webhooks could not be looked for; trying again")
                    claimed = []
                flying |= {asyncio.create_task(self.deliver(each)): each.tenant for each in claimed}
                for task in await _landed(flying, 0.0 if claimed else LOOK_S):
                    del flying[task]
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def claim(self, most: int, of_tenant: int, busy: Counter[str] | None = None) -> list[Claimed]:
        """Up to `most` due deliveries by turns of their tenants, under a lease.

        A tenant gets at most `of_tenant` with those that are `busy` (tenant -> deliveries); its longest due come first.
        """
        busy = busy or Counter()
        at = self._clock()
        async with self._database.reading(EVERYONE) as connection:
            full = [tenant for tenant, count in busy.items() if count >= of_tenant]
            if most <= 0 or not (waiting := await _tenants(connection, at, full, most)):
                return []
        leased = (
            update(deliveries)
            .values(due=at + ANSWER_S + SPARE_S)
            .returning(*(deliveries.c[name] for name in ("id", "tenant", "endpoint", "payload", "tries", "due")))
        )
        async with self._database.writing(EVERYONE) as connection:
            lines = [await _line(connection, tenant, at, min(most, of_tenant - busy[tenant])) for tenant in waiting]
            turns = [each for turn in itertools.zip_longest(*lines) for each in turn if each is not None]
            rows = (await connection.execute(leased.where(deliveries.c.id.in_(turns[:most])))).all()
            named = select(endpoints.c.id, endpoints.c.url, endpoints.c.secrets)
            found = await connection.execute(named.where(endpoints.c.id.in_({row.endpoint for row in rows})))
            places = {row.id: {"url": row.url, "secrets": row.secrets} for row in found}
        return [Claimed(**row._mapping, **places[row.endpoint]) for row in rows]

    async def deliver(self, delivery: Claimed) -> None:
        """Posts it and books what came of it."""
        status, answer = await self._posted(delivery)
        async with self._database.writing(EVERYONE) as connection:
            outcome = await self._book(connection, delivery, status, _plain(answer))
        WEBHOOKS(outcome=outcome)

    async def _posted(self, delivery: Claimed) -> tuple[int | None, str]:
        at = self._clock()
        body = json.dumps(delivery.payload, sort_keys=True, separators=(",", ":")).encode()
        headers = headers_for(delivery.id, at, body, valid_secrets(delivery.secrets, at))
        try:
            async with asyncio.timeout(ANSWER_S):
                status, text = await self._post(delivery.url, body, headers)
        except TimeoutError:
            return None, f"no answer within {ANSWER_S:g} s"
        except VitrineError as error:
            return None, str(error)
        return status, f"{status} {text}"

    async def _book(self, connection: AsyncConnection, delivery: Claimed, status: int | None, answer: str) -> str:
        """delivered, retried or failed: what became of it with this try."""
        tries = delivery.tries + 1
        mine = update(deliveries).where(deliveries.c.id == delivery.id)
        done = mine.values(tries=tries, due=None, answer=answer)
        if status is not None and 200 <= status < 300:
            await connection.execute(done.values(status="delivered"))
            return "delivered"
        if status == GONE:
            reason = f"{delivery.url} answered {GONE}: it wants no more"
            await switch_off(connection, delivery.tenant, delivery.endpoint, reason)
            await connection.execute(done.values(status="failed"))
            return "failed"
        # A failure that comes after the lease leaves the delivery to whoever holds it now.
        held = deliveries.c.due == delivery.due
        if tries == len(SCHEDULE):
            await connection.execute(done.where(held).values(status="failed"))
            return "failed"
        pause = SCHEDULE[tries] * (1 + JITTER * self._jitter())
        await connection.execute(mine.where(held).values(tries=tries, due=self._clock() + pause, answer=answer))
        return "retried"


async def purge(database: Database, older_than_s: float = KEPT_S) -> int:
    """Forgets deliveries of so long ago that were taken or given up; how many."""
    old = delete(deliveries).where(deliveries.c.due.is_(None), deliveries.c.created < now() - older_than_s)
    async with database.writing(EVERYONE) as connection:
        return (await connection.execute(old)).rowcount


async def _tenants(connection: AsyncConnection, at: float, full: list[str], most: int) -> list[str]:
    """Tenants for whom something is due, whoever waited longest first; every tenant with a delivery has an endpoint."""
    mine = (deliveries.c.tenant == endpoints.c.tenant, deliveries.c.due <= at)
    first = select(func.min(deliveries.c.due)).where(*mine).correlate(endpoints).scalar_subquery()
    heads = select(endpoints.c.tenant, first.label("due")).where(endpoints.c.tenant.not_in(full)).distinct().subquery()
    wanted = select(heads.c.tenant).where(heads.c.due.is_not(None)).order_by(heads.c.due, heads.c.tenant).limit(most)
    return list((await connection.execute(wanted)).scalars())


async def _line(connection: AsyncConnection, tenant: str, at: float, most: int) -> list[str]:
    """The next deliveries of a tenant, locked until the commit."""
    wanted = (
        select(deliveries.c.id)
        .where(deliveries.c.tenant == tenant, deliveries.c.due <= at)
        .order_by(deliveries.c.due, deliveries.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list((await connection.execute(wanted)).scalars())


async def _landed(flying: dict[asyncio.Task[None], str], within_s: float) -> set[asyncio.Task[None]]:
    """Those that are over after at most so many seconds; one that failed is tried again when its lease ends."""
    if not flying:
        await asyncio.sleep(within_s)
        return set()
    landed, _ = await asyncio.wait(flying, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    for task in landed:
        if (error := task.exception()) is not None:
            log.error("a webhook could not be booked", exc_info=error)
    return landed


def _plain(answer: str) -> str:
    """What both databases can hold of a stranger's text."""
    return answer[:MOST_ANSWER].encode("utf-8", "replace").decode().replace("\0", "?")
