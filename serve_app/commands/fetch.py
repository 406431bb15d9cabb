"""`vitrine fetch`: the checkpoints that a Serve config needs and that are not there yet."""

import functools
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def fetch(
    config: Annotated[Path, typer.Option(help="Serve config whose packs are to be complete.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Fetch what `vitrine doctor` misses; what is there is not fetched again, so a stopped fetch goes on."""
    from serve_app import fetching

    say = functools.partial(typer.echo, err=as_json)
    fetched = fetching.fetch(config, fetching.shell, say)
    if as_json:
        typer.echo(json.dumps(asdict(fetched)))
