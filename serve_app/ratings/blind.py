"""Pictures made alike, so that nothing but what they show says where they come from; and the key that says it."""

import csv
import hashlib
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageOps, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict

from models.errors import VitrineError
from serve_app.ratings import GENERATED, PHOTO
from serve_app.runs.folder import RunFolder

LARGEST = 1024  # pixels of a side
QUALITY = 95  # of WebP: above what a camera's own compression leaves visible
WHITE = (255, 255, 255)
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
TEXTS = "texts.csv"  # in a folder of photographs: what each one shows, columns file and text
COLUMNS = ("name", "description", "model_descr")

Origin = Literal["generated", "photo"]


class Hidden(BaseModel):
    """What the page does not say of a picture; scores and verdict (no check fails) of generated ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    origin: Origin
    name: str
    sha256: str
    clip_score: float | None = None
    score_10: float | None = None
    passed: bool | None = None


class Key(BaseModel):
    """Which page it belongs to, and picture -> what is hidden of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    page: str
    pictures: dict[str, Hidden]

    @classmethod
    def read(cls, file: Path) -> "Key":
        """Raises VitrineError."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValueError) as error:
            raise VitrineError(f"{file} is no key of a rating page: {str(error).splitlines()[0]}") from None


@dataclass(frozen=True, slots=True)
class Found:
    """A picture before it is shown: its file, what it claims to show, and what will be hidden."""

    file: Path
    text: str
    hidden: Hidden


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on the page: WebP bytes of one size, and the listing where every picture has one."""

    id: str
    content: bytes
    text: str


def generated(folders: Sequence[Path]) -> list[Found]:
    """The pictures of runs; raises VitrineError for a folder without any."""
    found: list[Found] = []
    for folder in folders:
        records = [record for group in RunFolder(folder).records().values() for record in group]
        pictures = [_generated(folder, record) for record in records if record.get("image_path")]
        if not pictures:
            raise VitrineError(f"{folder} holds no pictures; give the --out folder of a run")
        found += pictures
    return found


def photographs(folder: Path) -> list[Found]:
    """The pictures of a folder, each with its text where `texts.csv` has one; raises VitrineError."""
    files = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise VitrineError(f"{folder} holds no photographs ({', '.join(sorted(SUFFIXES))})")
    texts = _texts(folder / TEXTS) if (folder / TEXTS).exists() else {}
    return [
        Found(file, texts.get(file.name, ""), Hidden(origin=PHOTO, name=file.name, sha256=_sha256(file)))
        for file in files
    ]


def chosen(made: Sequence[Found], photos: Sequence[Found], most: int, seed: int) -> list[Found]:
    """At most so many, half of them photographs where there are enough, in an order that says nothing."""
    by_chance = random.Random(seed)
    of_photos = min(len(photos), max(most // 2, most - len(made)))
    of_made = min(len(made), most - of_photos)
    picked = [*by_chance.sample(made, of_made), *by_chance.sample(photos, of_photos)]
    by_chance.shuffle(picked)
    return picked


def blinded(found: Sequence[Found], seed: int) -> tuple[Key, list[Shown]]:
    """The key and what the page shows; raises VitrineError for a file that is no picture.

    Texts are shown only where every picture has one: a text that only generated ones have would tell them apart.
    """
    pictures = [_opened(one.file) for one in found]
    side = min(LARGEST, *(max(picture.size) for picture in pictures))
    page = hashlib.sha256("".join([str(seed), *sorted(one.hidden.sha256 for one in found)]).encode()).hexdigest()[:12]
    with_texts = all(one.text for one in found)
    # What stands in the page must not be guessed from a file's hash, so the names are numbers of a shuffled order.
    shown = [
        Shown(f"{number:03d}", alike(picture, side), one.text if with_texts else "")
        for number, (one, picture) in enumerate(zip(found, pictures, strict=True), 1)
    ]
    hidden = {one.id: source.hidden for one, source in zip(shown, found, strict=True)}
    return Key(page=page, pictures=hidden), shown


def alike(picture: Image.Image, side: int) -> bytes:
    """A square WebP of `side` pixels, on white, without metadata: size, shape and format tell nothing."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    square = Image.new("RGB", (side, side), WHITE)
    square.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
    content = io.BytesIO()
    square.save(content, "WEBP", quality=QUALITY, method=4)
    return content.getvalue()


def _generated(folder: Path, record: dict[str, Any]) -> Found:
    source, verdict = record.get("source") or {}, record.get("verdict")
    hidden = Hidden(
        origin=GENERATED, name=record["article_id"], sha256=record["sha256"],
        clip_score=record.get("clip_score"), score_10=record.get("score_10"),
        passed=all(check["state"] != "fail" for check in verdict.values()) if verdict else None,
    )  # fmt: skip
    return Found(folder / record["image_path"], "\n".join(source[name] for name in COLUMNS if source.get(name)), hidden)


def _opened(file: Path) -> Image.Image:
    try:
        with Image.open(file, formats=["PNG", "JPEG", "WEBP"]) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise VitrineError(f"{file} is no picture that can be read: {error}") from None
    flat = Image.new("RGBA", upright.size, (*WHITE, 255))
    flat.alpha_composite(upright)
    return flat.convert("RGB")


def _texts(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened)
        if not {"file", "text"} <= set(rows.fieldnames or ()):
            raise VitrineError(f"{file} needs the columns file and text, it has {rows.fieldnames}")
        return {row["file"]: row["text"] for row in rows}


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
