"""Where records come from: the folder of a run, or the result of a batch as zip."""

import json
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from models.errors import VitrineError
from serve_app.runs.folder import RunFolder, article_of

Group = tuple[str, list[dict[str, Any] | None]]


def groups(source: Path, first: Collection[str]) -> Iterator[Group]:
    """An article's id and its records, None for one that is damaged or lacks its picture; one article at a time.

    The articles of a folder come in the order of `first`, the others after them by their id; those of a batch in the
    order of its feed. Raises VitrineError for what is neither, and for what cannot be read.
    """
    found = _batch(source) if source.is_file() else _run(RunFolder(source), first)
    empty = True
    try:
        for group in found:
            empty = False
            yield group
    except OSError as error:
        raise VitrineError(f"cannot read {error.filename or source}: {error.strerror}; mend it and try again") from None
    if empty:
        raise VitrineError(f"{source} holds no records; give the --out folder of a run, or a batch's result as zip")


def _run(folder: RunFolder, first: Collection[str]) -> Iterator[Group]:
    names = folder.names()
    for article in first:
        found = names[bisect_left(names, article) : bisect_right(names, article, key=article_of)]
        if found:
            yield article, [folder.record(name) for name in found]
    for article, others in groupby(names, article_of):
        if article not in first:
            yield article, [folder.record(name) for name in others]


def _batch(source: Path) -> Iterator[Group]:
    """Rows of the same article stand in the result several times, each with the same records."""
    seen: set[str] = set()
    try:
        with zipfile.ZipFile(source) as packed, packed.open("records.jsonl") as lines:
            for line in map(json.loads, lines):
                article = line["article_id"]
                if line["records"] and article not in seen:
                    seen.add(article)
                    yield article, [_packed(packed, record) for record in line["records"]]
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise VitrineError(f"{source} is no result of a batch as zip ({error}); fetch it again") from None


def _packed(packed: zipfile.ZipFile, record: dict[str, Any]) -> dict[str, Any] | None:
    if record["status"] != "succeeded":
        return record
    picture = f"pictures/{record['sha256']}.png"
    return record | {"image_path": picture} if picture in packed.NameToInfo else None
