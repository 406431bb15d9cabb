"""Several files of one article beside each other: how many a marketplace takes, and which of them show the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict

from models.domain import Pixels
from serve_app.delivery.profile import Profile
from serve_app.delivery.ruling import Level, Report, Ruling, State, said, within
from serve_app.provenance.look import Look, distance, look_of

LIKE = 4  # of 64 bits: the same picture encoded or sized anew differs in 0 to 3, other drawn garments in 6 and more
TINTED = 12.0  # levels of the mean colour per field: another colour of the same garment is another picture
FIELDS = 8  # per side
WHAT = said("Bilder einer Variante", "pictures of one variant")


@dataclass(frozen=True, eq=False)
class Impression:
    """What is kept of a picture to compare it: shapes, and the mean colours of a coarse raster."""

    look: Look
    colours: Pixels

    @classmethod
    def of(cls, pixels: Pixels) -> "Impression":
        coarse = Image.fromarray(pixels).resize((FIELDS, FIELDS), Image.Resampling.BOX)
        return cls(look_of(pixels), np.asarray(coarse))

    def bits_from(self, other: "Impression") -> int | None:
        """Bits in which two pictures differ that look the same; None for any others."""
        bits = distance(self.look, other.look)
        tint = np.abs(self.colours.astype(np.int16) - other.colours).mean()
        return bits if bits <= LIKE and tint <= TINTED else None


class Checked(Report):
    """What the rules say of one of the files."""

    file: str


class Together(BaseModel):
    """The files of an article; `rulings`: what is said of them together, `passes`: no required rule is broken."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    profile: str
    passes: bool
    rulings: tuple[Ruling, ...]
    files: tuple[Checked, ...]


def together(profile: Profile, files: Sequence[tuple[Checked, Impression]]) -> Together:
    """Each file's own report, and the rules that hold for all of them."""
    rulings = (*_counted(profile, len(files)), _apart(files))
    broken = any(ruling.level == "required" and ruling.state == "fail" for ruling in rulings)
    reports = tuple(report for report, _ in files)
    passes = not broken and all(report.passes for report in reports)
    return Together(profile=profile.name, passes=passes, rulings=rulings, files=reports)


def _counted(profile: Profile, count: int) -> Iterator[Ruling]:
    levels: tuple[Level, ...] = ("required", "advised")
    for level, rules in zip(levels, (profile.required, profile.advised), strict=True):
        if rules.pictures is not None:
            yield within("pictures", count, rules.pictures, "", WHAT).model_copy(update={"level": level})


def _apart(files: Sequence[tuple[Checked, Impression]]) -> Ruling:
    """A picture that shows nothing new is worth nothing to a buyer; no marketplace of these forbids it."""
    pairs = [
        (f"{one.file} = {other.file}", bits)
        for (one, seen), (other, also) in combinations(files, 2)
        if (bits := seen.bits_from(also)) is not None
    ]
    listed = ", ".join(names for names, _ in pairs)
    reason = said(
        f"fast gleich: {listed}" if pairs else "kein Bild gleicht einem anderen",
        f"nearly the same: {listed}" if pairs else "no picture is like another",
    )
    nearest = min((bits for _, bits in pairs), default=None)
    state: State = "fail" if pairs else "pass"
    return Ruling(
        rule="near_duplicate", state=state, value=nearest, least=LIKE + 1, unit="bit", reason=reason, level="advised"
    )
