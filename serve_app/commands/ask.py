"""`vitrine ask`: how complete listings are and what is best asked about each, without a model and without a service."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import VitrineError
from serve_app.commands.calling import plain

if TYPE_CHECKING:
    from serve_app.catalogue.record import Completeness, Question
    from serve_app.sheets import Row as SheetRow

WITNESSES = "read by lexicon and shorthand alone; a service also asks its models"
NAME = 60  # characters of a title on its line


def ask(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    sheets: Annotated[
        list[Path] | None, typer.Argument(metavar="SHEET...", help="Sheets or folders of them, worst row first.")
    ] = None,
    name: Annotated[str, typer.Option(help="Instead of a sheet: the columns of one article.")] = "",
    description: Annotated[str, typer.Option()] = "",
    model_name: Annotated[str, typer.Option()] = "",
    model_descr: Annotated[str, typer.Option()] = "",
    columns: Annotated[str, typer.Option(help="The sheet's own titles: name=TITLE,description=TITLE,...")] = "",
    language: Annotated[str, typer.Option(help="Of the listings: a lexicon of models/vocabulary.")] = "de",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say how complete each listing is, and the one question whose answer would settle most of what is open."""
    from models.vocabulary.lexicon import languages
    from serve_app.sheets import Row as SheetRow

    article = (name, description, model_name, model_descr)
    if bool(sheets) == any(article):
        raise VitrineError("give a sheet, or one article by --name, --description, --model-name, --model-descr")
    if language not in languages():
        raise VitrineError(f"there is no lexicon of the language {language!r}; there are: {', '.join(languages())}")
    rows = _rows(sheets, columns) if sheets else [SheetRow("", 1, article)]
    found = [_measured(row, language) for row in rows]
    usable = sorted((row for row in found if row.measure is not None), key=lambda row: row.score)
    mean = round(sum(row.score for row in usable) / len(usable), 4) if usable else None
    if as_json:
        print(json.dumps(_document(usable, found, mean), ensure_ascii=False, indent=2))
        return
    for line in [*_lines(usable, language), *(f"  -   {row.place:<24} {row.fault}" for row in found if row.fault)]:
        print(plain(line))
    told = "no row can be used" if mean is None else f"mean {mean:.3f} of {len(usable)} rows"
    print(f"{told}; {WITNESSES}")


@dataclass(frozen=True, slots=True)
class Row:
    """A row with what its listing leaves open, or the fault that makes it no listing."""

    file: str
    row: int
    name: str = ""
    measure: "Completeness | None" = None
    fault: str = ""

    @property
    def place(self) -> str:
        return f"{self.file} row {self.row}".strip()

    @property
    def score(self) -> float:
        return 0.0 if self.measure is None else self.measure.score


def _rows(sheets: list[Path], columns: str) -> Iterator["SheetRow"]:
    from serve_app.sheets import Columns, find, read

    for sheet in find(sheets):
        yield from read(sheet, Columns.parse(columns))


def _measured(row: "SheetRow", language: str) -> Row:
    from models.domain import Refusal
    from serve_app.catalogue import completeness, intake
    from serve_app.catalogue.ledger import reconcile
    from serve_app.catalogue.listing import COLUMNS

    if row.fault is not None:
        return Row(row.file, row.row, fault=row.fault)
    listing = intake.listing_of(dict(zip(COLUMNS, row.values, strict=True)))
    refused = listing if isinstance(listing, Refusal) else intake.refused(listing, language)
    if isinstance(listing, Refusal) or refused is not None:
        assert refused is not None
        return Row(row.file, row.row, fault=f"{refused.code}: {refused.reason}")
    return Row(row.file, row.row, listing.name, completeness.measure(reconcile(listing, language=language)))


def _lines(rows: list[Row], language: str) -> Iterator[str]:
    for row in rows:
        yield f"{row.score:.3f} {row.place:<24} {row.name[:NAME]}".rstrip()
        if row.measure is not None and row.measure.question is not None:
            yield f"      {_asked(row.measure.question, language)}"


def _asked(question: "Question", language: str) -> str:
    spoken = language if language in question.text else "en"
    suggested = ", ".join(f"{one.names[spoken]} {one.share:.0%}" for one in question.suggested)
    return f"{question.text[spoken]} ({question.attribute}, {question.removes:.2f} bits: {suggested})"


def _document(usable: list[Row], found: list[Row], mean: float | None) -> dict[str, Any]:
    rows = [
        {"file": row.file, "row": row.row, "name": row.name} | row.measure.model_dump()
        for row in usable
        if row.measure is not None
    ]
    unusable = [{"file": row.file, "row": row.row, "fault": row.fault} for row in found if row.fault]
    return {"mean": mean, "rows": rows, "unusable": unusable, "witnesses": WITNESSES}
