"""`vitrine check`: a picture file against the rules of a marketplace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import VitrineError
from serve_app.commands.calling import Json

if TYPE_CHECKING:
    from models.domain import Mask
    from serve_app.delivery.ruling import Report

BROKEN = 1
File = Annotated[Path, typer.Argument(metavar="FILE", help="A picture.")]
ProfileName = Annotated[str, typer.Option("--profile", help="A marketplace, such as zalando; a wrong name lists all.")]
MaskFile = Annotated[
    Path | None, typer.Option("--mask", help="Picture of the same size, white where the product is; default: found.")
]


def check(file: File, profile_name: ProfileName, mask: MaskFile = None, as_json: Json = False) -> None:
    """Say for every rule of a marketplace whether a picture keeps it; exit code 1 when a required one is broken."""
    from serve_app.delivery import checks
    from serve_app.delivery.profile import profile
    from serve_app.delivery.subject import read

    rules = profile(profile_name)
    report = checks.check(read(content_of(file), file.name, mask_of(mask)), rules)
    say(report, as_json)
    raise typer.Exit(0 if report.passes else BROKEN)


def say(report: "Report", as_json: bool) -> None:
    """A report on stdout."""
    if as_json:
        print(report.model_dump_json(indent=2))
        return
    for ruling in report.rulings:
        level = "" if ruling.level == "required" else "  (advised)"
        print(f"{ruling.state:<8} {ruling.rule:<20} {ruling.reason['en']}{level}")
    broken = ", ".join(ruling.rule for ruling in report.failed)
    print(f"{report.profile}: {f'broken: {broken}' if broken else 'no required rule is broken'}")


def content_of(file: Path) -> bytes:
    """Raises VitrineError for what cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise VitrineError(f"cannot read {file}: {error.strerror}") from None


def mask_of(file: Path | None) -> "Mask | None":
    """The mask that a user gives, from the brightness of a picture."""
    if file is None:
        return None
    from models.domain import Mask
    from serve_app.delivery.subject import read

    return Mask(read(content_of(file), file.name).pixels.max(axis=2), 1.0)
