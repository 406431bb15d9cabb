"""`vitrine keys`: make, list and revoke API keys, directly in the service's database."""

import asyncio
import datetime as dt
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from models.errors import VitrineError
from serve_app.access.principal import SCOPES
from serve_app.commands.calling import Json

if TYPE_CHECKING:
    from serve_app.access.keys import Keys

Found = TypeVar("Found")
app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True, rich_markup_mode=None)
Url = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Database of the service (postgresql://user:password@host/name); default: VITRINE_DATABASE_URL, else "
        "SQLite in the data folder.",
    ),
]


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whom the key speaks for: a-z, 0-9, - and _; made where it is new.")],
    name: Annotated[str, typer.Option(help="What the key is for, such as the shop that uses it.")],
    scope: Annotated[list[str], typer.Option(help=f"Repeat: {', '.join(SCOPES)} (includes the others).")],
    database: Url = None,
    as_json: Json = False,
) -> None:
    """Make a key; its secret is printed this once and kept nowhere."""
    key, secret = _with(database, lambda keys: keys.create(tenant, name, scope))
    if as_json:
        print(json.dumps(asdict(key) | {"secret": secret}, ensure_ascii=False, indent=2))
        return
    print(f"{key.id} for tenant {tenant}, {', '.join(key.scopes)}; its secret is not shown again:", file=sys.stderr)
    print(secret)


@app.command("list")
def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's keys.")] = None,
    database: Url = None,
    as_json: Json = False,
) -> None:
    """List keys, the oldest first, without their secrets."""
    found = _with(database, lambda keys: keys.list(tenant))
    if as_json:
        print(json.dumps({"keys": [asdict(key) for key in found]}, ensure_ascii=False, indent=2))
        return
    print(f"{'id':<30} {'tenant':<16} {'created':<10} {'revoked':<10} {'scopes':<32} name")
    for key in found:
        scopes = ",".join(key.scopes)
        print(f"{key.id:<30} {key.tenant:<16} {_day(key.created)} {_day(key.revoked)} {scopes:<32} {key.name}")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", help="Id of the key: key_...")],
    database: Url = None,
    as_json: Json = False,
) -> None:
    """Revoke a key; a running service refuses it within seconds."""
    if not _with(database, lambda keys: keys.revoke(key)):
        raise VitrineError(f"there is no key {key!r} that could be revoked; `vitrine keys list` shows them")
    print(json.dumps({"id": key, "revoked": True}) if as_json else f"{key} is revoked")


def _with(url: str | None, work: "Callable[[Keys], Awaitable[Found]]") -> Found:
    """What `work` finds in the database, which is closed afterwards; raises StoreError."""
    from serve_app.access.keys import Keys
    from serve_app.jobs.database import Database, sqlite_url
    from serve_app.settings import Environment, Settings, home_of

    async def done() -> Found:
        database = Database.open(url or Environment().database_url or sqlite_url(home_of(Settings())))
        try:
            return await work(Keys(database))
        finally:
            await database.close()

    return asyncio.run(done())


def _day(at: float | None) -> str:
    return f"{'-':<10}" if at is None else dt.datetime.fromtimestamp(at, dt.UTC).date().isoformat()
