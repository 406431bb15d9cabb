"""Which files a command line names: files as given, folders with every sheet below them in sorted order."""

from dataclasses import dataclass
from pathlib import Path

from serve_app.sheets.rows import FORMATS, SheetError


@dataclass(frozen=True, slots=True)
class SheetFile:
    """`label` is the name that records carry: the file's own, or its path below the folder given."""

    path: Path
    label: str


def find(given: list[Path]) -> list[SheetFile]:
    """Every sheet once, in the order given; raises SheetError for a path that is no sheet or holds none."""
    found: dict[Path, SheetFile] = {}
    for path in given:
        for sheet in _below(path) if path.is_dir() else [_single(path)]:
            found.setdefault(sheet.path.resolve(), sheet)
    return _told_apart(list(found.values()))


def _single(path: Path) -> SheetFile:
    if not path.exists():
        raise SheetError("no_file", f"there is no file or folder {str(path)!r}")
    if path.suffix.lower() not in FORMATS:
        raise SheetError("unknown_format", f"{path.name!r} is no sheet; give one of {' '.join(sorted(FORMATS))}")
    return SheetFile(path, path.name)


def _below(folder: Path) -> list[SheetFile]:
    sheets = [
        SheetFile(path, path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in FORMATS and path.is_file() and not _hidden(path.relative_to(folder))
    ]
    if not sheets:
        raise SheetError("empty_folder", f"the folder {str(folder)!r} holds no sheet ({' '.join(sorted(FORMATS))})")
    return sheets


def _hidden(path: Path) -> bool:
    # "~$name.xlsx" is the lock file that an open Excel leaves beside the workbook.
    return any(part.startswith((".", "~$")) for part in path.parts)


def _told_apart(sheets: list[SheetFile]) -> list[SheetFile]:
    labels = [sheet.label for sheet in sheets]
    return [
        sheet if labels.count(sheet.label) == 1 else SheetFile(sheet.path, sheet.path.as_posix()) for sheet in sheets
    ]
