"""`vitrine watch`: a job or batch until its end; a restart of the service is seen through."""

import sys

import typer

from serve_app.commands.calling import ApiKey, Id, Json, Server, exit_code, is_batch, say, service

STOPPED = 130


def watch(found: Id, server: Server = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Follow a job (its events as lines) or a batch (a progress bar) until the end; Ctrl-C leaves it alone."""
    from serve_app.commands.showing import follow_batch, follow_job

    with service(server, api_key, patient=True) as vitrine:
        try:
            ended = follow_batch(vitrine, found) if is_batch(found) else follow_job(vitrine, found, tell, as_json)
        except KeyboardInterrupt:
            print(f"vitrine: no longer watching; {found} goes on", file=sys.stderr)
            raise typer.Exit(STOPPED) from None
    if is_batch(found) or not as_json:  # the last event of a job is its document
        say(ended, as_json)
    raise typer.Exit(exit_code(ended))


def tell(line: str) -> None:
    print(line, flush=True)
