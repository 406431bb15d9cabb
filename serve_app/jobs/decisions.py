"""What sellers decided about pictures. One decision stands for each picture; those before it are kept."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select, update

from serve_app.access.idempotency import Asked, made_once
from serve_app.jobs.database import Database, now
from serve_app.jobs.ids import new_id
from serve_app.jobs.schema import decisions, jobs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the service had said of the picture; `checks`: name -> state, value, threshold and expected."""

    checks: dict[str, dict[str, Any]]
    clip_score: float | None
    score_10: float | None
    models: dict[str, str]


@dataclass(frozen=True, slots=True)
class NewDecision:
    """`decision`: approved or rejected; `checks`: those that the seller found wrong; `key`: of whom decided."""

    tenant: str
    job: str
    article_id: str
    sha256: str
    decision: str
    checks: list[str]
    note: str
    key: str


@dataclass(frozen=True, slots=True)
class Decision(NewDecision):
    """A decision as it was taken; `replaced_by` names the one that stands instead."""

    id: str
    verdict: dict[str, dict[str, Any]]
    clip_score: float | None
    score_10: float | None
    models: dict[str, str]
    replaced_by: str | None
    created: float


COLUMNS = [decisions.c[name] for name in Decision.__dataclass_fields__]


class Decisions:
    """Every call is one transaction of one tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def decide(self, new: NewDecision, verdict: Verdict, asked: Asked | None = None) -> Decision:
        """The decision, durable on return, instead of the one before; `asked`: idempotency key and fingerprint.

        Raises IdempotencyKeyError and KeyReusedError.
        """
        async with self._database.writing(new.tenant) as connection:

            async def make() -> str:
                # Two decisions at once about one picture: who holds the job's row comes first.
                await connection.execute(select(jobs.c.id).where(jobs.c.id == new.job).with_for_update())
                name = new_id("dec")
                standing = (decisions.c.job == new.job, decisions.c.article_id == new.article_id)
                old = update(decisions).where(*standing, decisions.c.tenant == new.tenant)
                await connection.execute(old.where(decisions.c.replaced_by.is_(None)).values(replaced_by=name))
                said = {"verdict": verdict.checks, "models": verdict.models}
                scores = {"clip_score": verdict.clip_score, "score_10": verdict.score_10}
                row = insert(decisions).values(id=name, created=now(), **asdict(new), **said, **scores)
                await connection.execute(row)
                return name

            made = await made_once(connection, new.tenant, asked, make)
            wanted = select(*COLUMNS).where(decisions.c.id == made, decisions.c.tenant == new.tenant)
            return Decision(**(await connection.execute(wanted)).one()._mapping)

    async def standing(self, tenant: str, most: int, before: str | None = None) -> Sequence[Decision]:
        """A tenant's decisions that stand, the newest first, from the one after `before` on."""
        mine = select(*COLUMNS).where(decisions.c.tenant == tenant, decisions.c.replaced_by.is_(None))
        return await self._page(tenant, mine, most, before)

    async def of_job(self, tenant: str, job: str, most: int, before: str | None = None) -> Sequence[Decision]:
        """All that was ever decided about a job's pictures, the newest first, from the one after `before` on."""
        mine = select(*COLUMNS).where(decisions.c.tenant == tenant, decisions.c.job == job)
        return await self._page(tenant, mine, most, before)

    async def _page(self, tenant: str, mine: Any, most: int, before: str | None) -> Sequence[Decision]:
        if before is not None:
            mine = mine.where(decisions.c.id < before)
        async with self._database.reading(tenant) as connection:
            rows = await connection.execute(mine.order_by(decisions.c.id.desc()).limit(most))
            return [Decision(**row._mapping) for row in rows]
