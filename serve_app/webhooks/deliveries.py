"""Events on their way: queued with what they tell of, posted until somebody took them or the schedule is over."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import VitrineError
from serve_app.jobs.database import EVERYONE, Database, now
from serve_app.jobs.ids import new_id
from serve_app.jobs.schema import deliveries, endpoints
from serve_app.webhooks.endpoints import EVERY, Clock, Event, switch_off, valid_secrets
from serve_app.webhooks.signing import headers_for

MINUTE, HOUR = 60.0, 3600.0
# Seconds before each try, after the previous one: the schedule that Standard Webhooks 1.0 proposes, 75.6 h in all.
SCHEDULE = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
JITTER = 0.05  # of a pause: tries that failed together do not come back together
AT_ONCE = 20  # open connections of one `deliver_due`
ANSWER_S = 15.0  # a receiver that works longer should answer first; the specification advises 15 to 30
SPARE_S = 30.0  # of a lease, for the database
GONE = 410
MOST_ANSWER = 500  # characters of an answer that are kept

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
class _Claimed:
    """`due`: when the lease ends; nobody else's lease of this delivery ends then."""

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

    async def deliver_due(self, most: int = 20) -> int:
        """Tries up to `most` deliveries that are due, the longest due first; how many it tried."""
        claimed = await self._claim(most)
        free = asyncio.Semaphore(AT_ONCE)
        outcomes = await asyncio.gather(*(self._deliver(each, free) for each in claimed), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome  # when the others are booked
        return len(claimed)

    async def _claim(self, most: int) -> list[_Claimed]:
        at = self._clock()
        rounds = -(-most // AT_ONCE)
        first = (
            select(deliveries.c.id)
            .where(deliveries.c.due <= at)
            .order_by(deliveries.c.due, deliveries.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("first")  # a subquery could be run more than once, and would lock other rows each time
        )
        leased = (
            update(deliveries)
            .where(deliveries.c.id.in_(select(first.c.id)))
            .values(due=at + rounds * ANSWER_S + SPARE_S)
            .returning(*(deliveries.c[name] for name in ("id", "tenant", "endpoint", "payload", "tries", "due")))
        )
        async with self._database.writing(EVERYONE) as connection:
            rows = (await connection.execute(leased)).all()
            named = select(endpoints.c.id, endpoints.c.url, endpoints.c.secrets)
            found = await connection.execute(named.where(endpoints.c.id.in_({row.endpoint for row in rows})))
            places = {row.id: {"url": row.url, "secrets": row.secrets} for row in found}
        return [_Claimed(**row._mapping, **places[row.endpoint]) for row in rows]

    async def _deliver(self, delivery: _Claimed, free: asyncio.Semaphore) -> None:
        async with free:
            status, answer = await self._posted(delivery)
        async with self._database.writing(EVERYONE) as connection:
            await self._book(connection, delivery, status, _plain(answer))

    async def _posted(self, delivery: _Claimed) -> tuple[int | None, str]:
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

    async def _book(self, connection: AsyncConnection, delivery: _Claimed, status: int | None, answer: str) -> None:
        tries = delivery.tries + 1
        mine = update(deliveries).where(deliveries.c.id == delivery.id)
        done = mine.values(tries=tries, due=None, answer=answer)
        if status is not None and 200 <= status < 300:
            await connection.execute(done.values(status="delivered"))
            return
        if status == GONE:
            reason = f"{delivery.url} answered {GONE}: it wants no more"
            await switch_off(connection, delivery.tenant, delivery.endpoint, reason)
            await connection.execute(done.values(status="failed"))
            return
        # A failure that comes after the lease leaves the delivery to whoever holds it now.
        held = deliveries.c.due == delivery.due
        if tries == len(SCHEDULE):
            await connection.execute(done.where(held).values(status="failed"))
        else:
            pause = SCHEDULE[tries] * (1 + JITTER * self._jitter())
            await connection.execute(mine.where(held).values(tries=tries, due=self._clock() + pause, answer=answer))


def _plain(answer: str) -> str:
    """What both databases can hold of a stranger's text."""
    return answer[:MOST_ANSWER].encode("utf-8", "replace").decode().replace("\0", "?")
