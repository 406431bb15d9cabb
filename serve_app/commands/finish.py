"""`vitrine finish`: a picture file becomes one that a marketplace takes."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import VitrineError
from serve_app.commands.calling import Json
from serve_app.commands.check import BROKEN, File, MaskFile, ProfileName, content_of, mask_of, say

if TYPE_CHECKING:
    from serve_app.delivery.profile import Format

ENDINGS: "dict[str, Format]" = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp", ".avif": "avif"}


def finish(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    file: File,
    profile_name: ProfileName,
    out: Annotated[Path, typer.Option(help="The file to write; its ending says the format.")],
    mask: MaskFile = None,
    sign: Annotated[bool, typer.Option("--sign/--no-sign", help="Sign the file, its source named in it.")] = True,
    home: Annotated[
        Path | None, typer.Option(help="Data folder with what is signed with; default: VITRINE_HOME.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Cut out, frame, size, encode and sign a picture by a marketplace's rules; exit code 1 when one stays broken."""
    from models.domain import Picture
    from serve_app import uploads
    from serve_app.delivery.checks import check
    from serve_app.delivery.finish import finish as finished_by
    from serve_app.delivery.product import product_of
    from serve_app.delivery.profile import profile
    from serve_app.delivery.subject import read
    from serve_app.jobs.files import write_whole
    from serve_app.provenance.identity import identity
    from serve_app.provenance.labelling import own_label
    from serve_app.provenance.seal import Seal
    from serve_app.settings import Environment, Settings, home_of

    rules, form = profile(profile_name), ENDINGS.get(out.suffix.lower())
    if form is None:
        raise VitrineError(f"--out ends in {out.suffix!r}; give one of {', '.join(ENDINGS)}")
    source = content_of(file)
    found = uploads.read(source)
    product = product_of(found.pixels, found.alpha, mask_of(mask), "--mask")
    done = finished_by(Picture(found.pixels), product, rules, form)
    seal = Seal(identity(Environment(), home_of(Settings(home=home)))) if sign else None
    content = own_label(source, seal, {"profile": rules.name}, found.pixels)(done.content)
    try:
        write_whole(out, content)
    except OSError as error:
        raise VitrineError(f"cannot write {out}: {error.strerror}") from None
    report = check(read(content, out.name, done.mask), rules)
    if as_json:
        print(json.dumps({"steps": done.steps, **report.model_dump(mode="json")}, ensure_ascii=False, indent=2))
    else:
        print("\n".join(done.steps), file=sys.stderr)
        say(report, as_json=False)
    raise typer.Exit(0 if report.passes else BROKEN)
