"""Where records come from: the folder of a run, or the result of a batch as zip."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from models.errors import VitrineError
from serve_app.runs.folder import RunFolder

Group = tuple[str, list[dict[str, Any] | None]]


def groups(source: Path, first: Iterable[str]) -> Iterator[Group]:
    """An article's id and its records, None for one that is damaged or lacks its picture; one article at a time.

    The articles of a folder come in the order of `first`, the others after them by their id; those of a batch in the
    order of its feed. Raises VitrineError for what is neither.
    """
    found = _batch(source) if source.is_file() else _run(RunFolder(source), first)
    empty = True
    for group in found:
        empty = False
        yield group
    if empty:
        raise VitrineError(f"{source} holds no records; give the --out folder of a run, or a batch's result as zip")


def _run(folder: RunFolder, first: Iterable[str]) -> Iterator[Group]:
    names = folder.names()
    for article in dict.fromkeys([*(article for article in first if article in names), *names]):
        yield article, [folder.record(name) for name in names[article]]


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
