"""`vitrine evaluate`: every figure that the documentation states comes from one of these."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from models.errors import VitrineError

app = typer.Typer(help="Measure quality.", no_args_is_help=True, rich_markup_mode=None)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def extraction(
    sheet: Annotated[list[Path], typer.Option(help="Sheet of article texts; repeat, paired with --labels in order.")],
    labels: Annotated[list[Path], typer.Option(help="CSV of labels for the sheet.")],
    as_json: Json = False,
) -> None:
    """Attributes read from listings against labels."""
    if len(sheet) != len(labels):
        raise VitrineError(f"every --sheet needs its --labels: {len(sheet)} sheets, {len(labels)} labels given")
    from serve_app.catalogue import evaluation

    _print(evaluation.evaluate(list(zip(sheet, labels, strict=True))), as_json)


@app.command()
def pictures(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Output folder of a run.")], as_json: Json = False
) -> None:
    """Verdict rates of a run, from its records."""
    from serve_app.runs.folder import RunFolder
    from serve_app.runs.statistics import verdict_rates

    records = RunFolder(folder).records()
    if not records:
        raise VitrineError(f"{folder} holds no records; give the --out folder of a run")
    _print(verdict_rates(records), as_json)


@app.command()
def masks(as_json: Json = False) -> None:
    """Intersection over union of the segmenter on held-out drawings."""
    from models.starter.evaluations import segmenter

    _print(segmenter.evaluate(), as_json)


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name, value in found.items():
        if isinstance(value, dict):
            print(name)
            for key, inner in value.items():
                print(f"  {key:<22} {_row(inner)}")
        else:
            print(f"{name:<24} {_row(value)}")


def _row(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{key} {_row(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return f"{len(value)} listed with --json"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
