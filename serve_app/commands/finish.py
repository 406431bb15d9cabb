"""`vitrine finish`: a picture file becomes one that a marketplace takes."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from models.errors import VitrineError
from serve_app.commands.calling import Json
from serve_app.commands.check import BROKEN, File, MaskFile, ProfileName, content_of, mask_of, say

if TYPE_CHECKING:
    from models.domain import Mask
    from serve_app.delivery.profile import Format
    from serve_app.uploads import Upload

ENDINGS: "dict[str, Format]" = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp", ".avif": "avif"}


def finish(
    file: File,
    profile_name: ProfileName,
    out: Annotated[Path, typer.Option(help="The file to write; its ending says the format.")],
    mask: MaskFile = None,
    as_json: Json = False,
) -> None:
    """Cut out, frame, size and encode a picture by a marketplace's rules; exit code 1 when one stays broken."""
    from models.domain import Picture
    from serve_app import uploads
    from serve_app.delivery.checks import check
    from serve_app.delivery.finish import finish as finished_by
    from serve_app.delivery.profile import profile
    from serve_app.delivery.subject import read
    from serve_app.jobs.files import write_whole

    rules, form = profile(profile_name), ENDINGS.get(out.suffix.lower())
    if form is None:
        raise VitrineError(f"--out ends in {out.suffix!r}; give one of {', '.join(ENDINGS)}")
    source = content_of(file)
    found = uploads.read(source)
    done = finished_by(Picture(found.pixels), _mask(found, mask_of(mask), file), rules, form)
    content = _labelled_as(source, done.content)
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


def _labelled_as(source: bytes, content: bytes) -> bytes:
    """A picture that said that it is generated goes on saying so; its signature ends with the file that it was for."""
    from serve_app.provenance.metadata import SourceType, format_of, source_type_of, tagged

    said = (source_type_of(source) or "").rpartition("/")[2]
    kept: SourceType | None = next((term for term in get_args(SourceType) if term == said), None)
    return content if kept is None or format_of(content) is None else tagged(content, kept)


def _mask(found: "Upload", given: "Mask | None", file: Path) -> "Mask":
    """The caller's, the file's own transparency, or what stands out from a plain background."""
    import numpy as np

    from models.domain import Mask
    from serve_app.delivery.flooding import flooded, ground_of

    if given is not None:
        if given.alpha.shape != found.pixels.shape[:2]:
            raise VitrineError(
                f"--mask has the shape {given.alpha.shape}, {file} {found.pixels.shape[:2]}; give one alike"
            )
        return given
    if found.alpha is not None:
        return Mask(found.alpha, 1.0)
    ground = ground_of(found.pixels)
    if ground is None:
        raise VitrineError(f"{file} has no plain background to cut the product off; give --mask")
    return Mask(np.where(flooded(ground), np.uint8(255), np.uint8(0)), 1.0)
