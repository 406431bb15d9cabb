"""A long feed through the real service: flat memory, every row once, also when the process that feeds it is killed.

    python -m loadtests.feed --rows 100000 [--postgres]

A csv of that many distinct rows is posted over HTTP; feeder, worker, queue, store and routes are the service's own, in
processes of their own, and the models are simulated (see `loadtests.feeding`). At half of the rows the process that
feeds gets kill -9 and another one is started. Then the batch's result is read over HTTP and compared row by row.
Prints a table and, as the last line, one JSON document; exits with 1 when a row or the memory is not as it must be.
"""

import argparse
import csv
import itertools
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from loadtests import postgres_server
from loadtests.memory import MB, Memory, peak_mb
from loadtests.place import place
from models.starter.corpus.listings import Listing, listings

HEADER = ("name", "description", "model_name", "model_descr")
WORDINGS = 997  # listings of the corpus that the rows repeat, each time under another number
SETTLED = 10_000  # rows after which a process has all that it needs
GROWTH_MB = 200.0  # what may be added to that by any number of rows
EVERY_S = 1.0  # between two looks at the batch and at memory
PATIENCE_S = 180.0  # without a row taken or ended; a killed process's lease of the batch lasts 60


@cache
def wordings() -> list[Listing]:
    return list(itertools.islice(listings(seed=0), WORDINGS))


def name_of(row: int) -> str:
    return f"{wordings()[row % WORDINGS].name} {row}"


def write(path: Path, rows: int) -> None:
    """The feed; descriptions stay out, or a million rows would be longer than a feed may be."""
    with path.open("w", newline="", encoding="utf-8") as out:
        lines = csv.writer(out)
        lines.writerow(HEADER)
        for row in range(1, rows + 1):
            words = wordings()[row % WORDINGS]
            lines.writerow((name_of(row), "", words.model_name, words.model_descr))


class Run:
    """One batch from its file to its result, with the processes that work on it."""

    def __init__(self, folder: Path, rows: int, database: str | None, stack: ExitStack) -> None:
        self._place = [str(folder), *([database] if database else [])]
        self._folder, self._rows, self._stack = folder, rows, stack
        self.memory: list[Memory] = []
        self.peaks: dict[str, float] = {}
        self.taken, self._settles = 0, min(SETTLED, rows // 4)  # a short run is over before the rest of them
        self.seconds: dict[str, float] = {}

    def start(self, role: str, name: str, settles: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "loadtests.feeding", role, *self._place]
        started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        self._stack.callback(started.kill)
        self.memory.append(Memory(name, started.pid, settles))
        return started

    def look(self) -> None:
        for memory in self.memory:
            memory.look(self.taken)

    def ended(self, name: str, process: subprocess.Popen[str]) -> None:
        self.peaks[name] = peak_mb(process.pid)
        process.kill()
        process.wait()

    def whole(self) -> list[str]:
        """What is wrong with the rows, from the posted file to the result; empty when nothing is."""
        api = self.start("api", "api", settles=0)
        assert api.stdout is not None
        url = f"http://127.0.0.1:{api.stdout.readline().strip()}"
        self.look()  # before the feed: the upload counts
        with httpx.Client(base_url=url, timeout=600, trust_env=False) as client:
            batch = self._posted(client)
            conductor = self.start("conductor", "conductor, killed", self._settles)
            self._until(client, batch, self._rows // 2)
            self.ended("conductor, killed", conductor)
            conductor = self.start("conductor", "conductor, second", self.taken + self._settles)
            self._until(client, batch, None)
            faults = self._faults(client, batch)
        self.ended("conductor, second", conductor)
        self.ended("api", api)
        return faults

    def _posted(self, client: httpx.Client) -> str:
        began = time.perf_counter()
        with (self._folder / "feed.csv").open("rb") as stream:
            answer = client.post("/v1/batches", files={"file": ("feed.csv", stream)})
        self.seconds["upload"] = time.perf_counter() - began
        return str(answer.raise_for_status().json()["id"])

    def _until(self, client: httpx.Client, batch: str, taken: int | None) -> None:
        """Until so many rows are taken, or the batch has ended; the seconds count for the rows, and for the pause."""
        began = moved = time.perf_counter()
        seen: Any = None
        while True:
            found = client.get(f"/v1/batches/{batch}").raise_for_status().json()
            now = time.perf_counter()
            if found["counts"] != seen:
                if seen is not None and taken is None and "pause" not in self.seconds:
                    self.seconds["pause"] = now - began
                seen, moved = found["counts"], now
                print(f"{now - began:8.1f} s {found['taken']:>9} taken {found['counts']}", file=sys.stderr)
            if now - moved > PATIENCE_S:
                raise RuntimeError(f"the batch does not go on: {found}")
            self.taken = found["taken"]
            if found["finished_at"] or (taken is not None and self.taken >= taken):
                self.seconds["half" if taken is not None else "rest"] = now - began
                return
            self.look()
            time.sleep(EVERY_S)

    def _faults(self, client: httpx.Client, batch: str) -> list[str]:
        began = time.perf_counter()
        found = client.get(f"/v1/batches/{batch}").json()
        faults = []
        if (found["total"], found["counts"]) != (self._rows, {"succeeded": self._rows}):
            faults.append(f"the batch says {found['total']} rows, {found['counts']}; {self._rows} were sent")
        jobs: set[int] = set()
        with client.stream("GET", f"/v1/batches/{batch}/result") as answer:
            for row, text in enumerate(answer.raise_for_status().iter_lines(), 1):
                line = json.loads(text)
                jobs.add(hash(line["job"]))
                if (line["row"], line["name"], line["state"]) != (row, name_of(row), "succeeded"):
                    faults.append(f"line {row} of the result is {text[:200]}")
                if row % SETTLED == 0:
                    self.look()
        if (row, len(jobs)) != (self._rows, self._rows):
            faults.append(f"{row} lines and {len(jobs)} different jobs in the result; {self._rows} were sent")
        self.seconds["result"] = time.perf_counter() - began
        return faults

    def table(self) -> str:
        lines = [f"{'process':<22}{'settled, MB':>12}{'most, MB':>12}{'growth, MB':>12}{'peak RSS, MB':>14}"]
        for memory in self.memory:
            values = ((memory.settled or 0) / MB, memory.most / MB, memory.growth_mb)
            cells = "".join(f"{value:>12.1f}" for value in values)
            lines.append(f"{memory.name:<22}{cells}{self.peaks[memory.name]:>14.1f}")
        return "\n".join(lines + [f"{what:<22}{seconds:>12.1f} s" for what, seconds in self.seconds.items()])

    def figures(self) -> dict[str, Any]:
        working = self.seconds["half"] + self.seconds["rest"] - self.seconds["pause"]
        return {
            "rows": self._rows,
            "models": "simulated",
            "rows_per_s": round(self._rows / working, 1),
            "seconds": {what: round(seconds, 1) for what, seconds in self.seconds.items()},
            "growth_mb": {memory.name: round(memory.growth_mb, 1) for memory in self.memory},
            "peak_rss_mb": {name: round(peak, 1) for name, peak in self.peaks.items()},
            "database": "postgres" if len(self._place) > 1 else "sqlite",
            **place(),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true", help="on a Postgres of its own instead of SQLite")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitrine-feed-") as name, ExitStack() as stack:
        database = stack.enter_context(postgres_server.running()).fresh() if args.postgres else None
        run = Run(Path(name), args.rows, database, stack)
        write(Path(name) / "feed.csv", args.rows)
        size = (Path(name) / "feed.csv").stat().st_size
        faults = run.whole()
    faults += [f"{each.name} grew by {each.growth_mb:.0f} MB" for each in run.memory if each.growth_mb > GROWTH_MB]
    faults += [f"{each.name} was never seen at work" for each in run.memory if each.settled is None]
    print(run.table())
    for fault in faults[:20]:
        print(fault)
    print(json.dumps(run.figures() | {"megabytes": round(size / 1e6, 1), "faults": len(faults)}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
