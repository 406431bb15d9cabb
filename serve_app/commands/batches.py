"""`vitrine batches`: list them, see their rows, fetch their results, pause and resume."""

import itertools
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup

from models.errors import VitrineError
from serve_app.commands.calling import ApiKey, Json, Server, batch_lines, document, plain, say, service

if TYPE_CHECKING:
    from serve_app.client import Format

BINARY = ("xlsx", "zip")


class ListByDefault(TyperGroup):
    """`vitrine batches` is `vitrine batches list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        asks_for_help = bool(args) and args[0] in ctx.help_option_names
        named = bool(args) and not args[0].startswith("-")
        found: list[str] = super().parse_args(ctx, args if named or asks_for_help else ["list", *args])
        return found


app = typer.Typer(cls=ListByDefault, help="List batches, see their rows, fetch their results.", rich_markup_mode=None)
BatchId = Annotated[str, typer.Argument(metavar="ID", help="batch_...")]


@app.command("list")
def list_batches(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    server: Server = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List batches, the newest first; what `vitrine batches` does."""
    with service(server, api_key) as vitrine:
        found = list(itertools.islice(vitrine.batches.list(), limit))
    if as_json:
        print(document({"batches": [batch.raw for batch in found]}))
        return
    for batch in found:
        print(plain(batch_lines(batch)[0]))


@app.command()
def rows(
    batch_id: BatchId,
    state: Annotated[str | None, typer.Option(help="Only rows in this state, such as failed.")] = None,
    server: Server = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Print the rows taken so far; with --json one document per line."""
    with service(server, api_key) as vitrine:
        for row in vitrine.batches.rows(batch_id, state=state):
            if as_json:
                print(json.dumps(row.raw, ensure_ascii=False))
            else:
                error = f"{row.error['code']}: {row.error['message']}" if row.error else ""
                print(plain(f"{row.row:>7}  {row.state:<16} {row.job or '-':<30} {error}").rstrip())


@app.command()
def result(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    batch_id: BatchId,
    format: Annotated[
        str | None, typer.Option(help="jsonl, csv, xlsx or zip; default: the end of --out, or jsonl.")
    ] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="File to write; default: stdout.")] = None,
    server: Server = None,
    api_key: ApiKey = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON where the result was written.")] = False,
) -> None:
    """Fetch the result: a line per row; zip holds records and pictures."""
    if out is None and as_json:
        raise VitrineError("--json says where the result was written: give --out, or --format jsonl for lines of JSON")
    if out is None and format in BINARY and sys.stdout.isatty():
        raise VitrineError(f"{format} is nothing for a terminal; give --out FILE")
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder, service(server, api_key) as vitrine:
        path = out or Path(folder) / "result.jsonl"
        try:
            vitrine.batches.result(batch_id, path, format=cast("Format | None", format))
        except OSError as error:
            raise VitrineError(f"cannot write {path}: {error.strerror}; choose another --out") from None
        if out is None:
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
    print(json.dumps({"path": str(out), "bytes": out.stat().st_size}) if as_json else out)


@app.command()
def pause(batch_id: BatchId, server: Server = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Take no further rows; articles that are being drawn go on."""
    with service(server, api_key) as vitrine:
        say(vitrine.batches.pause(batch_id), as_json)


@app.command()
def resume(batch_id: BatchId, server: Server = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Go on after a pause."""
    with service(server, api_key) as vitrine:
        say(vitrine.batches.resume(batch_id), as_json)


@app.command()
def cancel(batch_id: BatchId, server: Server = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Cancel what is not done."""
    with service(server, api_key) as vitrine:
        say(vitrine.batches.cancel(batch_id), as_json)
