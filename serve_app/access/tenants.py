"""Tenants: their share of the service, and how much of their work may wait."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.errors import VitrineError
from serve_app.jobs.database import EVERYONE, Database, inserting, now
from serve_app.jobs.enqueue import STRIDE
from serve_app.jobs.schema import tenants

ID = re.compile(r"[a-z0-9_-]{1,64}")  # it begins the keys of the tenant's objects; `*` stands for all tenants
MOST = 2**31 - 1  # what the column holds


class TenantError(VitrineError):
    """A tenant's id, weight or limit cannot be used."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """`weight`: share of the service against other tenants; `most_queued` None: the service's own limit."""

    id: str
    weight: int = 1
    most_queued: int | None = None


COLUMNS = [tenants.c[name] for name in Tenant.__dataclass_fields__]


class Tenants:
    """Every call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant: str) -> Tenant | None:
        """None: nobody set anything for this tenant, which then counts as `Tenant(id)`."""
        async with self._database.reading(EVERYONE) as connection:
            found = (await connection.execute(select(*COLUMNS).where(tenants.c.id == tenant))).one_or_none()
        return None if found is None else Tenant(**found._mapping)

    async def set(self, tenant: Tenant) -> None:
        """Makes or changes a tenant; jobs that wait keep the turns they have. Raises TenantError."""
        checked(tenant.id)
        if not 1 <= tenant.weight <= STRIDE:
            raise TenantError(f"weight {tenant.weight} of tenant {tenant.id!r} is not in 1 to {STRIDE}")
        if tenant.most_queued is not None and not 1 <= tenant.most_queued <= MOST:
            raise TenantError(
                f"most_queued {tenant.most_queued} of tenant {tenant.id!r} is not in 1 to {MOST}; "
                "leave it out for the service's own limit, revoke the keys to shut a tenant out"
            )
        chosen = {"weight": tenant.weight, "most_queued": tenant.most_queued}
        async with self._database.writing(EVERYONE) as connection:
            row = inserting(connection, tenants, id=tenant.id, created=now(), **chosen)
            await connection.execute(row.on_conflict_do_update(index_elements=[tenants.c.id], set_=chosen))

    async def list(self) -> tuple[Tenant, ...]:
        async with self._database.reading(EVERYONE) as connection:
            rows = (await connection.execute(select(*COLUMNS).order_by(tenants.c.id))).all()
        return tuple(Tenant(**row._mapping) for row in rows)


async def ensure(connection: AsyncConnection, tenant: str) -> None:
    """Makes the row of a tenant that has none."""
    row = inserting(connection, tenants, id=tenant, created=now())
    await connection.execute(row.on_conflict_do_nothing(index_elements=[tenants.c.id]))


def checked(tenant: str) -> str:
    """The id; raises TenantError for one that cannot stand in an object's key or means every tenant."""
    if not ID.fullmatch(tenant):
        raise TenantError(f"{tenant!r} is no tenant's id: 1 to 64 of a-z, 0-9, - and _")
    return tenant
