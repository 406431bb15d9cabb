"""`vitrine check`: a picture file against the rules of a marketplace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import VitrineError
from serve_app.commands.calling import Json, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.domain import Mask
    from serve_app.delivery.profile import Profile
    from serve_app.delivery.ruling import Report, Ruling
    from serve_app.delivery.subject import Subject
    from serve_app.delivery.together import Together

BROKEN = 1
File = Annotated[Path, typer.Argument(metavar="FILE", help="A picture.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="A picture, or those of one article.")]
ProfileName = Annotated[str, typer.Option("--profile", help="A marketplace, such as zalando; a wrong name lists all.")]
MaskFile = Annotated[
    Path | None, typer.Option("--mask", help="Picture of the same size, white where the product is; default: found.")
]


def check(files: Files, profile_name: ProfileName, mask: MaskFile = None, as_json: Json = False) -> None:
    """Say for every rule of a marketplace whether a picture keeps it; exit code 1 when a required one is broken.

    Several files are those of one article: they are compared with each other as well.
    """
    from serve_app.delivery.profile import profile

    rules = profile(profile_name)
    if len(files) > 1:
        if mask is not None:
            raise VitrineError(f"--mask belongs to one picture, and {len(files)} are given; check them one by one")
        found = _compared(files, rules)
        say_together(found, as_json)
        raise typer.Exit(0 if found.passes else BROKEN)
    report, _ = _checked(files[0], rules, mask_of(mask))
    say(report, as_json)
    raise typer.Exit(0 if report.passes else BROKEN)


def _checked(file: Path, rules: "Profile", mask: "Mask | None" = None) -> "tuple[Report, Subject]":
    from serve_app.delivery.checks import check as by_rules
    from serve_app.delivery.subject import read

    subject = read(content_of(file), file.name, mask)
    return by_rules(subject, rules), subject


def _compared(files: list[Path], rules: "Profile") -> "Together":
    from serve_app.delivery.together import Checked, Impression, together

    found = []
    for file in files:
        report, subject = _checked(file, rules)
        found.append((Checked(**report.model_dump(), file=str(file)), Impression.of(subject.pixels)))
    return together(rules, found)


def say(report: "Report", as_json: bool) -> None:
    """A report on stdout."""
    if as_json:
        print(report.model_dump_json(indent=2))
        return
    print("\n".join(_lines(report.rulings)))
    broken = ", ".join(ruling.rule for ruling in report.failed)
    print(f"{report.profile}: {f'broken: {broken}' if broken else 'no required rule is broken'}")


def say_together(found: "Together", as_json: bool) -> None:
    """Reports and what is said of the files together, on stdout."""
    if as_json:
        print(found.model_dump_json(indent=2))
        return
    for report in found.files:
        print(plain(report.file))
        say(report, as_json=False)
    print("together")
    print("\n".join(_lines(found.rulings)))


def _lines(rulings: "Sequence[Ruling]") -> list[str]:
    levels = {"required": "", "advised": "  (advised)"}
    return [
        plain(f"{ruling.state:<8} {ruling.rule:<20} {ruling.reason['en']}{levels[ruling.level]}") for ruling in rulings
    ]


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
