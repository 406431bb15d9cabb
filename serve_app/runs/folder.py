"""The output folder of a run: pictures, records and what is made of them; every file is whole or not there."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from serve_app.jobs.files import write_whole
from serve_app.runs.options import WrongUseError

STATE = ".state"


def article_of(name: str) -> str:
    """The article that a record or a picture of this name belongs to."""
    return name.partition("-")[0]


class RunFolder:
    """Names inside the folder; a colourway's files carry its own id (`<article_id>-<colour>`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / STATE
        self.statistics = root / "statistics.json"
        self.contact_sheet = root / "contact_sheet.png"
        self.report = root / "report.html"
        self._pictures, self._records, self._delivered = root / "pictures", root / "records", root / "delivered"

    def make(self) -> None:
        """Raises WrongUseError when the folder cannot be made or written."""
        try:
            for folder in (self.state, self._pictures, self._records):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongUseError(f"cannot write to {self.root}: {error.strerror}; choose another --out") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Raises WrongUseError while another process works in the folder."""
        with (self.state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WrongUseError(f"another run works in {self.root}; wait for it or choose another --out") from None
            yield

    def picture(self, name: str) -> Path:
        return self._pictures / f"{name}.png"

    def save(self, record: dict[str, Any], picture: bytes | None, delivered: bytes | None = None) -> None:
        """The files first: a record never names one that is not there. `delivered`: the marketplace's own."""
        name = record["article_id"]
        if delivered is not None:
            self._delivered.mkdir(exist_ok=True)
            file = self._delivered / f"{name}{Path(record['delivery']['url']).suffix}"
            write_whole(file, delivered)
            record["delivery"]["path"] = str(file.relative_to(self.root))
        if picture is not None:
            write_whole(self.picture(name), picture)
            record["image_path"] = f"pictures/{name}.png"
        self.save_record(record)

    def save_record(self, record: dict[str, Any]) -> None:
        text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
        write_whole(self._records / f"{record['article_id']}.json", text.encode())

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Records by the article they belong to; one that is damaged or lacks its picture counts as not there."""
        groups = groupby(self.names(), article_of)
        found = ((article, [self.record(name) for name in names]) for article, names in groups)
        whole = ((article, [record for record in group if record is not None]) for article, group in found)
        return {article: group for article, group in whole if group}

    def names(self) -> list[str]:
        """Names of the records, sorted, so that those of an article stand together."""
        if not self._records.is_dir():
            return []
        return sorted(path.stem for path in self._records.iterdir() if path.suffix == ".json")

    def record(self, name: str) -> dict[str, Any] | None:
        """One record; None for one that is damaged or lacks its picture."""
        path = self._records / f"{name}.json"
        try:
            record: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except ValueError:
            return None
        image = record.get("image_path")
        return None if image and not (self.root / image).exists() else record

    def keep_only(self, article_ids: set[str]) -> None:
        """Removes what belongs to articles that the sheets no longer hold, and what a killed process left half made."""
        for folder in (self._pictures, self._records, self._delivered):
            for path in folder.glob("*"):
                if article_of(path.stem) not in article_ids or path.suffix == ".part":
                    path.unlink(missing_ok=True)
