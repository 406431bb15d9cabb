"""One database behind the store: SQLite in a folder for one machine, Postgres for a cluster."""

import contextlib
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, Float, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models.errors import VitrineError
from serve_app.jobs import machine
from serve_app.jobs.in_loop import connecting
from serve_app.jobs.turn import Turn

FILE = "vitrine.sqlite"
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 30_000  # writers wait for each other; one transaction takes milliseconds
EVERYONE = "*"  # the tenant of a transaction that serves all of them: claims, sweeps, migrations
MIGRATION_LOCK = 0x56_49_54_52  # an advisory lock of Postgres, the same for every process


class StoreError(VitrineError):
    """The database was written by a newer version, is no store, serves another machine, or cannot be reached."""


class now(FunctionElement[float]):  # noqa: N801 - reads as the SQL function that it is
    """Seconds since 1970 by the database's clock."""

    type = Float()
    inherit_cache = True


@compiles(now, "sqlite")
def _(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _(*_: Any, **__: Any) -> str:
    return "extract(epoch from clock_timestamp())::float8"


class Database:
    """Bound to the event loop that first uses it; `close` it there."""

    def __init__(self, url: str, engine: AsyncEngine) -> None:
        self.url = url
        self._writing = engine.execution_options(begin="IMMEDIATE")
        self._reading = engine.execution_options(begin="DEFERRED")
        self._engine = engine
        self._turn = Turn(file_of(url).with_suffix(".turn")) if is_sqlite(url) else None

    @classmethod
    def open(cls, url: str, connections: int = 16) -> Self:
        """Brings the tables up to date; raises StoreError for a database that is not ours to write.

        `url`: `sqlite:////folder/vitrine.sqlite` or `postgresql://user:password@host/name`.
        """
        hold(url)
        migrate(url)
        if is_sqlite(url):
            named = url.replace("sqlite://", "sqlite+aiosqlite://", 1)
            engine = create_async_engine(named, async_creator=connecting(file_of(url)), hide_parameters=True)
        else:
            engine = create_async_engine(
                with_driver(url), pool_size=connections, pool_pre_ping=True, hide_parameters=True
            )
        _configure(engine.sync_engine)
        return cls(url, engine)

    @property
    def on_postgres(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @contextlib.asynccontextmanager
    async def writing(self, tenant: str, urgent: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees `tenant` only; durable once the block has ended.

        `urgent`: before the other writers of this process, where they have to take turns.
        """
        turn = contextlib.nullcontext() if self._turn is None else self._turn.mine(urgent)
        async with turn, self._writing.begin() as connection:
            await confine(connection, tenant)
            yield connection

    @contextlib.asynccontextmanager
    async def reading(self, tenant: str) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees `tenant` only and blocks no writer."""
        async with self._reading.begin() as connection:
            await confine(connection, tenant)
            yield connection

    async def close(self) -> None:
        if self._turn is not None:
            await self._turn.close()
        await self._engine.dispose()


@contextlib.asynccontextmanager
async def for_everyone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Lifts a transaction's confinement to its tenant for what the block reads."""
    if connection.dialect.name != "postgresql":
        yield
        return
    own = (await connection.execute(text("SELECT current_setting('vitrine.tenant')"))).scalar_one()
    await confine(connection, EVERYONE)
    try:
        yield
    finally:
        await confine(connection, own)


async def confine(connection: AsyncConnection, tenant: str) -> None:
    """Lets a transaction on Postgres see the rows of one tenant only."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT set_config('vitrine.tenant', :tenant, true)"), {"tenant": tenant})


def inserting(connection: AsyncConnection, table: Table, **values: Any) -> Any:
    """An insert of the connection's own dialect, to be followed by `on_conflict_do_...`."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(**values)


def is_sqlite(url: str) -> bool:
    """Whether the address names the embedded database; raises StoreError for one that is neither of the two."""
    if url.startswith("sqlite:"):
        return True
    if re.match(r"postgres(ql)?://", url):
        return False
    raise StoreError(f"{_shown(url)!r} is no database of Vitrine; give postgresql://user:password@host/name")


def file_of(url: str) -> Path:
    """The file of an embedded database."""
    return Path(url.removeprefix("sqlite:///"))


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder.absolute() / FILE}"


def with_driver(url: str) -> str:
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def hold(url: str) -> None:
    """Says that this machine works with an embedded database; raises StoreError when another one does."""
    if not is_sqlite(url):
        return
    file = file_of(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        machine.hold(file)
    except machine.OtherMachineError as error:
        raise StoreError(str(error)) from None


def migrate(url: str) -> None:
    """Runs the migrations that are missing, one process at a time."""
    from alembic.util import CommandError

    # On SQLite transactions begin in `_configure`, and not where the driver guesses.
    plain = {"isolation_level": None} if is_sqlite(url) else {}
    engine = create_engine(url if is_sqlite(url) else with_driver(url), connect_args=plain)
    _configure(engine)
    until = time.monotonic() + BUSY_MS / 1000
    try:
        while True:
            try:
                return _upgrade(engine)
            except OperationalError as error:
                # Another process takes SQLite's log up or puts it away, which no busy timeout waits for.
                if "database is locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.05)
    except (OperationalError, CommandError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StoreError(f"cannot open {_shown(url)}: {cause}") from None
    finally:
        engine.dispose()


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with engine.execution_options(begin="DEFERRED").begin() as connection:
        if _revisions(connection) == {scripts.get_current_head()}:
            return
    with engine.execution_options(begin="EXCLUSIVE").begin() as connection:
        _lock(connection)
        config.attributes["connection"] = connection
        known, shown = {script.revision for script in scripts.walk_revisions()}, _shown(str(engine.url))
        if not (found := _revisions(connection)) and connection.dialect.has_table(connection, "articles"):
            raise StoreError(f"{shown} was written by a preview of Vitrine; move it away and start anew")
        if newer := found - known:
            raise StoreError(
                f"{shown} was written by a newer version of Vitrine ({', '.join(newer)}); upgrade to read it"
            )
        command.upgrade(config, "head")


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("SELECT set_config('vitrine.tenant', :tenant, true)"), {"tenant": EVERYONE})


def _revisions(connection: Connection) -> set[str]:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def _shown(url: str) -> str:
    """An address without its password."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)


def _configure(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # an accepted result outlives a power cut, not only a kill
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail where another one wrote in between.
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'IMMEDIATE')}")
