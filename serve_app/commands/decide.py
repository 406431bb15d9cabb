"""`vitrine decide` and `vitrine decisions`: what a seller says of pictures."""

import enum
import json
from typing import TYPE_CHECKING, Annotated

import typer

from serve_app.commands.calling import ApiKey, Json, Server, document, plain, service

if TYPE_CHECKING:
    from serve_app.client import Choice, Decision


class Said(enum.StrEnum):
    """What a seller says."""

    APPROVE = "approve"
    REJECT = "reject"


CHOICES: "dict[Said, Choice]" = {Said.APPROVE: "approved", Said.REJECT: "rejected"}


def decide(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    job: Annotated[str, typer.Argument(metavar="JOB", help="job_...")],
    said: Annotated[Said, typer.Argument(metavar="approve|reject")],
    check: Annotated[
        list[str] | None, typer.Option(help="Of a rejection: a check whose attribute is wrong, as colours; repeat.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why, in your own words.")] = "",
    article: Annotated[
        str | None, typer.Option(metavar="ID", help="Which picture, where the job drew several colourways.")
    ] = None,
    server: Server = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Approve or reject the picture of an article; the last decision about a picture stands."""
    with service(server, api_key) as vitrine:
        made = vitrine.decisions.create(job, CHOICES[said], checks=check or (), note=note, article_id=article)
    print(document(made.raw) if as_json else _line(made))


def decisions(
    server: Server = None,
    api_key: ApiKey = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document a line.")] = False,
) -> None:
    """List the decisions that stand, the newest first."""
    with service(server, api_key) as vitrine:
        for one in vitrine.decisions.list():
            print(json.dumps(one.raw, ensure_ascii=False) if as_json else _line(one))


def _line(one: "Decision") -> str:
    wrong = f"  wrong: {', '.join(one.checks)}" if one.checks else ""
    note = f"  {one.note}" if one.note else ""
    return plain(f"{one.id}  {one.job}  {one.article_id}  {one.decision}{wrong}{note}")
