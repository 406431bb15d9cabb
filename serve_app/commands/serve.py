"""`vitrine serve`: the service on this machine until Ctrl-C."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; loopback keeps it to this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    config: Annotated[Path | None, typer.Option(help="Serve config; default: the one for a laptop.")] = None,
    home: Annotated[Path | None, typer.Option(help="Data folder; default: VITRINE_HOME.")] = None,
) -> None:
    """Start the service; /docs describes its API, /healthz answers 200 when it is ready."""
    from serve_app import embedded

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("starting; the models take a moment to load", file=sys.stderr)
    try:
        with embedded.running(config or embedded.LAPTOP, host, port, home, progress=_say) as url:
            print(f"ready: {url} (API: {url}/docs, stop: Ctrl-C)", file=sys.stderr)
            embedded.watch()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)


def _say(step: str) -> None:
    print(step, file=sys.stderr)
