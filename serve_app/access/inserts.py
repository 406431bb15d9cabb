"""Inserts that know what to do where the row is there already; both databases spell them alike."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def inserting(connection: AsyncConnection, table: Table, **values: Any) -> Any:
    """An insert of the connection's own dialect, to be followed by `on_conflict_do_...`."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(**values)
