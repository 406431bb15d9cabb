"""`vitrine evaluate`: every figure that the documentation states comes from one of these."""

import enum
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from models.errors import VitrineError
from serve_app.commands.calling import Json

app = typer.Typer(help="Measure quality.", no_args_is_help=True, rich_markup_mode=None)
DATA = Path("../shared/data")
PACK = Path(__file__).parents[2] / "models" / "starter" / "pack"


class Part(enum.StrEnum):
    """The parts whose figures are measured apart; `judge` is the classifier that only evaluates."""

    EXTRACTOR = "extractor"
    JUDGE = "judge"
    SCORER = "scorer"
    SEGMENTER = "segmenter"
    TRANSLATOR = "translator"


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
def colourways(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Output folder of a run.")], as_json: Json = False
) -> None:
    """Frame, light and cost of a run's colourway families, from its records."""
    from serve_app.evaluations import colourways as evaluation
    from serve_app.runs.folder import RunFolder

    records = RunFolder(folder).records()
    if not any(record.get("family") for group in records.values() for record in group):
        raise VitrineError(f"{folder} holds no family; give the --out folder of a run with --policy colourways=N")
    _print(evaluation.evaluate(records), as_json)


@dataclass(frozen=True, slots=True)
class PartOptions:
    """Which pack is measured, on how many items of which seed; `data` holds the real corpora."""

    data: Path
    pack: Path
    seed: int
    threads: int
    count: int | None


Data = Annotated[
    Path, typer.Option(envvar="VITRINE_DATA", help="Folder of real corpora; without it their parts are left out.")
]
Pack = Annotated[Path, typer.Option(help="Pack folder that is measured.")]
Count = Annotated[int | None, typer.Option(min=1, help="Items per figure; default: the evaluation's own.")]


@app.command()
def masks(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    data: Data = DATA, pack: Pack = PACK, seed: int = 0, threads: int = 1, count: Count = None, as_json: Json = False
) -> None:
    """Intersection over union of the segmenter, prompted by the full frame and its centre."""
    from models.starter.evaluations import segmenter

    _print(segmenter.evaluate(PartOptions(data, pack, seed, threads, count)), as_json)


@app.command()
def starter(  # noqa: PLR0913, PLR0917
    part: Annotated[Part, typer.Argument(help="The part to measure.")],
    data: Data = DATA,
    pack: Pack = PACK,
    seed: int = 0,
    threads: int = 1,
    count: Count = None,
    as_json: Json = False,
) -> None:
    """Held-out figures of a part of the starter pack."""
    import importlib

    evaluation = importlib.import_module(f"models.starter.evaluations.{part.value}")
    _print(evaluation.evaluate(PartOptions(data, pack, seed, threads, count)), as_json)


@app.command()
def verdict(  # noqa: PLR0913, PLR0917
    data: Data = DATA, pack: Pack = PACK, seed: int = 0, threads: int = 1, count: Count = None, as_json: Json = False
) -> None:
    """Faults that the verdict finds on drawings and, where the data lie, wrong colours on photographs."""
    from serve_app.evaluations import verdict as evaluation

    _print(evaluation.evaluate(PartOptions(data, pack, seed, threads, count)), as_json)


@app.command()
def asking(seed: int = 0, count: Count = None, as_json: Json = False) -> None:
    """The one question, on composed listings that lost an attribute; and how surprising what they leave unsaid is."""
    from serve_app.evaluations import asking as evaluation

    _print(evaluation.evaluate(PartOptions(DATA, PACK, seed, 1, count)), as_json)


class Language(enum.StrEnum):
    """Of a rating page."""

    EN = "en"
    DE = "de"


@app.command()
def blind(  # noqa: PLR0913, PLR0917
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Output folders of runs.")],
    out: Annotated[Path, typer.Option(help="Where the page goes, as HTML; its key goes beside it, as .key.json.")],
    photos: Annotated[
        Path | None,
        typer.Option(help="Folder of photographs to mix in; a texts.csv (file,text) says what each one shows."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Pictures on the page, half of them photographs.")] = 60,
    seed: Annotated[int, typer.Option(help="Which pictures, in which order.")] = 0,
    language: Annotated[Language, typer.Option(help="Of the page.")] = Language.EN,
    as_json: Json = False,
) -> None:
    """Make a page on which people rate pictures without knowing where they come from."""
    from serve_app.jobs.files import write_whole
    from serve_app.ratings.blind import blinded, chosen, generated, photographs
    from serve_app.ratings.page import page

    if out.suffix != ".html":
        raise VitrineError(f"{out} is no name of a page; let it end with .html, its key goes beside it")
    picked = chosen(generated(folders), photographs(photos) if photos else [], most, seed)
    key, shown = blinded(picked, seed)
    secret = out.with_suffix(".key.json")
    try:
        write_whole(secret, key.model_dump_json(indent=1).encode())
        write_whole(out, page(key.page, shown, language.value).encode())
    except OSError as error:
        raise VitrineError(f"cannot write {out}: {error.strerror}; choose another --out") from None
    if as_json:
        _print({"page": str(out), "key": str(secret), "pictures": len(shown)}, as_json)
    else:
        print(f"{out}: {len(shown)} pictures; give this file to the raters and keep {secret} for yourself")


@app.command()
def ratings(
    key: Annotated[Path, typer.Argument(metavar="KEY", help="The key of the page.")],
    files: Annotated[list[Path], typer.Argument(metavar="ANSWERS...", help="A file of answers per rater.")],
    as_json: Json = False,
) -> None:
    """What raters said of a page's pictures, and how scores and verdict go along with it."""
    from serve_app.ratings.blind import Key
    from serve_app.ratings.tally import Answers, tallied

    _print(tallied(Key.read(key), [Answers.read(file) for file in files]), as_json)


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
