"""Published pictures of a tenant, and sums of what shoppers did."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select

from serve_app.access.idempotency import Asked, made_once
from serve_app.jobs.database import Database, inserting, now
from serve_app.jobs.ids import new_id
from serve_app.jobs.schema import pictures, publication_counts, publications, shopper_reports
from serve_app.publications.publication import Goal, Kind, Variant

NOTES = 50  # shopper reports that are shown


@dataclass(frozen=True, slots=True)
class NewPublication:
    """`channel`: where shoppers see it; `goal`: click or conversion; `key`: of whom published it."""

    tenant: str
    article_id: str
    channel: str
    goal: Goal
    variants: list[Variant]
    key: str


@dataclass(frozen=True, slots=True)
class Publication(NewPublication):
    id: str
    created: float


@dataclass(frozen=True, slots=True)
class Happened:
    """`count` events of one kind; `note`: of a shopper's report."""

    variant: str
    kind: Kind
    count: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a shopper said, and when it was posted (Unix seconds)."""

    variant: str
    note: str
    created: float


COLUMNS = [publications.c[name] for name in Publication.__dataclass_fields__]


class Publications:
    """Every call is one transaction of one tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def owned(self, tenant: str, shown: Iterable[str]) -> dict[str, str]:
        """SHA-256 -> ending of the file, of the pictures that the tenant has here; not every one need be."""
        mine = select(pictures.c.sha256, pictures.c.place).where(pictures.c.tenant == tenant)
        async with self._database.reading(tenant) as connection:
            rows = await connection.execute(mine.where(pictures.c.sha256.in_([*shown])))
            return {sha256: place.rpartition(".")[2] for sha256, place in rows}

    async def publish(self, new: NewPublication, asked: Asked | None = None) -> Publication:
        """Durable on return; raises IdempotencyKeyError and KeyReusedError."""
        async with self._database.writing(new.tenant) as connection:

            async def make() -> str:
                name = new_id("pub")
                await connection.execute(insert(publications).values(id=name, created=now(), **asdict(new)))
                return name

            made = await made_once(connection, new.tenant, asked, make)
            wanted = select(*COLUMNS).where(publications.c.id == made, publications.c.tenant == new.tenant)
            return _read((await connection.execute(wanted)).one()._mapping)

    async def add(self, to: Publication, events: Sequence[Happened], asked: Asked | None = None) -> None:
        """Counts all of the events or none; raises IdempotencyKeyError and KeyReusedError."""
        sums: Counter[tuple[str, str]] = Counter()
        for event in events:
            sums[event.variant, event.kind] += event.count
        async with self._database.writing(to.tenant) as connection:

            async def make() -> str:
                for (variant, kind), count in sorted(sums.items()):  # one order: two at once cannot lock each other
                    first = inserting(
                        connection, publication_counts,
                        tenant=to.tenant, publication=to.id, variant=variant, kind=kind, count=count,
                    )  # fmt: skip
                    more = {"count": publication_counts.c["count"] + count}
                    await connection.execute(
                        first.on_conflict_do_update(index_elements=["publication", "variant", "kind"], set_=more)
                    )
                for event in events:
                    if event.note:
                        said = insert(shopper_reports).values(
                            id=new_id("rep"), tenant=to.tenant, publication=to.id, created=now(),
                            variant=event.variant, note=event.note,
                        )  # fmt: skip
                        await connection.execute(said)
                return to.id

            await made_once(connection, to.tenant, asked, make)

    async def get(self, tenant: str, name: str) -> Publication | None:
        wanted = select(*COLUMNS).where(publications.c.tenant == tenant, publications.c.id == name)
        async with self._database.reading(tenant) as connection:
            found = (await connection.execute(wanted)).one_or_none()
            return None if found is None else _read(found._mapping)

    async def page(self, tenant: str, most: int, before: str | None = None) -> list[Publication]:
        """The newest first, from the one after `before` on."""
        wanted = select(*COLUMNS).where(publications.c.tenant == tenant)
        if before is not None:
            wanted = wanted.where(publications.c.id < before)
        async with self._database.reading(tenant) as connection:
            rows = await connection.execute(wanted.order_by(publications.c.id.desc()).limit(most))
            return [_read(row._mapping) for row in rows]

    async def counts(self, of: Publication) -> dict[tuple[str, Kind], int]:
        """(variant, kind) -> how often."""
        table = publication_counts.c
        wanted = select(table.variant, table.kind, table["count"]).where(
            table.tenant == of.tenant, table.publication == of.id
        )
        async with self._database.reading(of.tenant) as connection:
            return {(variant, kind): count for variant, kind, count in await connection.execute(wanted)}

    async def notes(self, of: Publication) -> list[Noted]:
        """What shoppers reported, the newest first."""
        table = shopper_reports.c
        wanted = select(table.variant, table.note, table.created).where(
            table.tenant == of.tenant, table.publication == of.id
        )
        async with self._database.reading(of.tenant) as connection:
            rows = await connection.execute(wanted.order_by(table.id.desc()).limit(NOTES))
            return [Noted(**row._mapping) for row in rows]


def _read(row: Mapping[Any, Any]) -> Publication:
    given = dict(row)
    return Publication(**given | {"variants": [Variant(**variant) for variant in given["variants"]]})
