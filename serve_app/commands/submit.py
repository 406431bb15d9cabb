"""`vitrine submit`: a sheet becomes a batch, one article a job; both are durable when the command ends."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from models.errors import VitrineError
from serve_app.commands.calling import ApiKey, Json, Server, document, exit_code, say, service

if TYPE_CHECKING:
    from serve_app.client import Batch, Job, Lane, Vitrine

STOPPED = 130


def submit(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    sheet: Annotated[
        str | None, typer.Argument(metavar="SHEET|URL|-", help="A sheet, the address of a feed, or - for stdin.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Instead of a sheet: the columns of one article.")] = None,
    description: Annotated[str | None, typer.Option()] = None,
    model_name: Annotated[str | None, typer.Option()] = None,
    model_descr: Annotated[str | None, typer.Option()] = None,
    seed: Annotated[int | None, typer.Option(help="Seed; every article derives its own from it.")] = None,
    candidates: Annotated[int | None, typer.Option(help="Pictures per article, the best is kept.")] = None,
    budget: Annotated[int | None, typer.Option(help="Pictures drawn per article at most.")] = None,
    size: Annotated[int | None, typer.Option(help="Side of a picture in pixels.")] = None,
    adapter: Annotated[str | None, typer.Option(help="LoRA for the style; NAME:WEIGHT+NAME for several.")] = None,
    policy: Annotated[str | None, typer.Option(help="No base colour: ask, skip, neutral or colourways=N.")] = None,
    columns: Annotated[str, typer.Option(help="The sheet's own titles: name=TITLE,description=TITLE,...")] = "",
    format: Annotated[
        str | None, typer.Option(help="What comes on stdin: csv, tsv, jsonl, xlsx ...; default: csv.")
    ] = None,
    lane: Annotated[str | None, typer.Option(help="Of one article: interactive or catalogue.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Of a sheet: prompts and a quote, no pictures.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until the end, as `vitrine watch` does.")] = False,
    server: Server = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Hand a sheet or one article to a service and print the id of its batch or job."""
    listing = _given(name=name, description=description, model_name=model_name, model_descr=model_descr)
    options = _given(seed=seed, candidates=candidates, size=size, adapter=adapter, policy=policy)
    options |= {} if budget is None else {"budget": {"pictures": budget}}
    if (sheet is None) == (not listing):
        raise VitrineError("give a sheet, or one article by --name, --description, --model-name, --model-descr")
    if sheet is not None and lane is not None:
        raise VitrineError("--lane is for one article; the rows of a sheet stand in the lane catalogue")
    if sheet is None and (dry_run or columns):
        raise VitrineError("--dry-run and --columns are for a sheet")
    if sheet != "-" and format is not None:
        raise VitrineError(f"--format {format} is for stdin (-); a sheet says its format by the end of its name")
    with service(server, api_key, patient=wait) as vitrine:
        found: Job | Batch
        if sheet is None:
            found = vitrine.jobs.create(listing, options, lane=cast("Lane", lane or "interactive"))
        else:
            source = sys.stdin.buffer.read() if sheet == "-" else sheet
            called = f"stdin.{format or 'csv'}" if sheet == "-" else None
            found = vitrine.batches.create(source, options, name=called, columns=columns, dry_run=dry_run)
        if wait:
            found = _waited(vitrine, found)
            say(found, as_json)
            raise typer.Exit(exit_code(found))
    print(document(found.raw) if as_json else found.id)


def _waited(vitrine: "Vitrine", found: "Job | Batch") -> "Job | Batch":
    from serve_app.client import Job
    from serve_app.commands.showing import follow_batch, follow_job

    _tell(f"{found.id} is accepted")
    try:
        if isinstance(found, Job):
            return follow_job(vitrine, found.id, _tell)
        return follow_batch(vitrine, found.id)
    except KeyboardInterrupt:
        _tell(f"vitrine: no longer waiting; {found.id} goes on, `vitrine watch {found.id}` follows it")
        raise typer.Exit(STOPPED) from None


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
