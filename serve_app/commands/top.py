"""`vitrine top`: how a running service is doing, again and again."""

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from serve_app.commands.calling import ApiKey, Json, Server, document, plain, service

if TYPE_CHECKING:
    from serve_app.client import Vitrine

STOPPED = 130


def top(
    server: Server = None,
    api_key: ApiKey = None,
    once: Annotated[bool, typer.Option("--once", help="Show it once and leave.")] = False,
    every: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds between two looks.")] = 2.0,
    as_json: Json = False,
) -> None:
    """Watch queue, stages, replicas, verdicts and cost of a service; needs a key with the scope admin."""
    with service(server, api_key, patient=not once and not as_json) as vitrine:
        if as_json:
            print(document(vitrine.operations()))
        elif once or not sys.stdout.isatty():
            _print(vitrine)
        else:
            _watch(vitrine, every)


def _print(vitrine: "Vitrine") -> None:
    from serve_app.commands.operations_shown import lines

    for line in lines(vitrine.operations()):
        print(plain(line))


def _watch(vitrine: "Vitrine", every_s: float) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from serve_app.commands.operations_shown import lines

    try:
        with Live(console=Console(), screen=True, auto_refresh=False) as live:
            while True:
                live.update(Text("\n".join(map(plain, lines(vitrine.operations())))), refresh=True)
                time.sleep(every_s)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
