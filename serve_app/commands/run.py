"""`vitrine run`: sheets in, a folder of pictures, records, statistics and a report out."""

import contextlib
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serve_app.commands.calling import ApiKey

if TYPE_CHECKING:
    from serve_app.runs.run import Run

FAILED, STOPPED = 1, 130


def run(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    sheets: Annotated[
        list[Path], typer.Argument(help="Sheets (xlsx xls ods csv tsv jsonl parquet) or folders of them.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the results; the same call on it goes on where it stopped.")],
    seed: Annotated[int, typer.Option(help="Run seed; every article derives its own from it.")] = 0,
    candidates: Annotated[int, typer.Option(help="Pictures per article, the best is kept.")] = 2,
    cascade: Annotated[
        bool, typer.Option(help="One candidate after the other until one fails no check, or all of them at once.")
    ] = True,
    budget: Annotated[
        int | None, typer.Option(help="Pictures drawn per article at most; default: one more than the candidates.")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Side of a picture in pixels; default: the pack's.")] = None,
    adapter: Annotated[
        str | None,
        typer.Option(help="LoRA for the style, see `vitrine adapters`; sketch:0.6+room for several with weights."),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="Rows without a base colour: ask, skip, neutral or colourways=N.")
    ] = "ask",
    profile: Annotated[
        str | None, typer.Option(help="Marketplace by whose rules each picture is delivered once more: zalando, ...")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first rows.")] = None,
    columns: Annotated[str, typer.Option(help="The sheet's own titles: name=TITLE,description=TITLE,...")] = "",
    server: Annotated[
        str | None, typer.Option(help="URL of a running service; default: one started for this run.")
    ] = None,
    api_key: ApiKey = None,
    config: Annotated[Path | None, typer.Option(help="Serve config of the service started for this run.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Articles asked for at a time.")] = 4,
    machine_eur: Annotated[
        float, typer.Option(min=0, help="Price of this machine in EUR per hour, for the cost.")
    ] = 0.10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the statistics as one JSON document.")] = False,
) -> None:
    """Turn sheets of article texts into pictures, records, statistics and a report."""
    import asyncio

    from serve_app.runs.display import Display
    from serve_app.runs.options import RunOptions
    from serve_app.runs.results import finish
    from serve_app.runs.run import perform, prepare
    from serve_app.sheets.rows import Columns

    options = RunOptions.checked(
        seed=seed,
        candidates=candidates,
        cascade=cascade,
        budget={"pictures": budget},
        size=size,
        adapter=adapter,
        policy=policy,
        profile=profile,
        limit=limit,
        columns=Columns.parse(columns).titles(),
    )
    with prepare(sheets, out, options) as work:
        try:
            with Display(work) as display:
                if work.pending:
                    with _service(server, config, work, display) as url, _stoppable():
                        asyncio.run(perform(work, url, display.show, concurrency, api_key))
                display.say("writing statistics, contact sheet and report")
                numbers = finish(work, machine_eur)
        except KeyboardInterrupt:
            print(f"vitrine: stopped with {work.standing()}; the same command goes on from here", file=sys.stderr)
            raise typer.Exit(STOPPED) from None
        _tell(work, numbers, as_json)
    raise typer.Exit(FAILED if numbers["failed"] else 0)


@contextlib.contextmanager
def _service(server: str | None, config: Path | None, work: "Run", display: Any) -> Iterator[str]:
    if server is not None:
        yield server
        return
    from serve_app import embedded

    display.say("starting the service")
    chosen = config or embedded.LAPTOP
    with embedded.running(chosen, "127.0.0.1", 0, work.folder.state, progress=display.say) as url:
        yield url


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """A polite kill stops as cleanly as Ctrl-C, in the background of a script too, where shells ignore SIGINT."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # asyncio turns SIGINT into a cancellation, but only SIGINT.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(work: "Run", numbers: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(numbers, ensure_ascii=False, indent=2))
        return
    from serve_app.runs.display import closing_lines
    from serve_app.runs.results import without_picture

    for line in closing_lines(work, numbers, without_picture(work)):
        print(line)
