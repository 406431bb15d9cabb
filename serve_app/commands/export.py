"""`vitrine export`: what a run or a batch has drawn leaves as a feed or a table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from serve_app.exports.export import Exported


def export(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    source: Annotated[Path, typer.Argument(metavar="DIR", help="Output folder of a run, or a batch's result as zip.")],
    out: Annotated[Path, typer.Option(dir_okay=False, help="File to write.")],
    format: Annotated[
        str | None,
        typer.Option(help="google-tsv, google-xml, shopify, xlsx, jsonl or parquet; default: by the end of --out."),
    ] = None,
    sheet: Annotated[
        list[Path] | None,
        typer.Option(help="Sheet or folder with price, gtin, link and so on of the articles; repeat for several."),
    ] = None,
    columns: Annotated[str, typer.Option(help="The sheet's own titles: price=TITLE,gtin=TITLE,name=TITLE,...")] = "",
    base_url: Annotated[str, typer.Option(help="Where DIR is published, for links to the pictures.")] = "",
    currency: Annotated[str, typer.Option(help="Of prices that name none, such as EUR.")] = "",
    translated: Annotated[
        bool, typer.Option("--translated", help="English texts of the models, named as such.")
    ] = False,
    min_score: Annotated[float | None, typer.Option(min=0, max=10, help="Leave out pictures below it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write the pictures of a run or a batch with their attributes, as a feed for a marketplace or as a table."""
    from serve_app.exports.export import export as write
    from serve_app.exports.export import format_of
    from serve_app.exports.items import Choice
    from serve_app.exports.offers import offers

    chosen = format_of(format, out)
    choice = Choice(base_url, currency, translated, min_score)
    found = write(source, out, chosen, choice, offers(sheet, columns) if sheet else {})
    if as_json:
        told = {"path": str(out), "items": found.items, "repeated_ids": found.repeated}
        print(json.dumps(told | {"lacking": found.lacking, "left_out": found.left_out}, ensure_ascii=False, indent=2))
        return
    for line in _lines(out, found):
        print(line)


def _lines(out: Path, found: "Exported") -> list[str]:
    lines = [f"{out}: {found.items} items"]
    if found.left_out:
        lines.append("left out: " + ", ".join(f"{count} {reason}" for reason, count in sorted(found.left_out.items())))
    lines += [f"without {name}: {count} of {found.items}" for name, count in found.lacking.items()]
    if found.repeated:
        lines.append(f"{found.repeated} items have an id that another one has; ids are the column id of --sheet")
    return lines
