"""Which delivered pictures of a tenant a file is, comes from, or looks like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select

from serve_app.jobs.database import Database
from serve_app.jobs.schema import pictures
from serve_app.provenance.look import PARTS, Look, distance
from serve_app.provenance.verify import Findings

ALIKE = PARTS - 1  # bits in which two looks may differ; by then one part is the same
LOOKED_AT = 2_000  # of those that share a part, the newest
SHOWN = 10
LOOKS = (pictures.c.look_a, pictures.c.look_b, pictures.c.look_c, pictures.c.look_d)


@dataclass(frozen=True, slots=True)
class Known:
    """A delivered picture: its hash, the job that made it, and how many bits its look is from the file's."""

    sha256: str
    job: str
    distance: int


@dataclass(frozen=True, slots=True)
class Entries:
    """`same`: the very file; `marked`: those whose mark the file carries; `alike`: those that look the same."""

    same: Known | None
    marked: Sequence[Known]
    alike: Sequence[Known]


async def entries(database: Database, tenant: str, file: Findings) -> Entries:
    """Only the tenant's own pictures."""
    same = await _found(database, tenant, file.look, pictures.c.sha256 == file.sha256)
    marked: list[Known] = []
    if file.mark is not None:
        marked = await _found(database, tenant, file.look, pictures.c.mark == file.mark.payload)
    shared = or_(*(column == part for column, part in zip(LOOKS, file.look, strict=True)))
    near = [one for one in await _found(database, tenant, file.look, shared) if one.distance <= ALIKE]
    alike = sorted(near, key=lambda one: one.distance)
    return Entries(next(iter(same), None), marked[:SHOWN], alike[:SHOWN])


async def _found(database: Database, tenant: str, look: Look, where: ColumnElement[bool]) -> list[Known]:
    """The delivered ones, the newest first; pictures on the way to one have no look."""
    wanted = select(pictures).where(pictures.c.tenant == tenant, pictures.c.look_a.is_not(None), where)
    async with database.reading(tenant) as connection:
        rows = await connection.execute(wanted.order_by(pictures.c.place.desc()).limit(LOOKED_AT))
        return [_known(row, look) for row in rows]


def _known(row: Row[Any], look: Look) -> Known:
    return Known(row.sha256, row.place.split("/")[1], distance(look, (row.look_a, row.look_b, row.look_c, row.look_d)))
