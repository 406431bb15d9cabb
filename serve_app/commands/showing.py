"""A job or batch until its end: events as lines, rows as a bar."""

import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from serve_app.commands.calling import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from serve_app.client import Batch, Event, Job, Vitrine

LOOK_S = 1.0  # between looks at a batch
LINE_EVERY_S = 10.0  # between lines where no terminal redraws
SHOWN = 80  # characters of a value that a line shows

Tell = Callable[[str], None]


def follow_job(vitrine: "Vitrine", job_id: str, tell: Tell, as_json: bool = False) -> "Job":
    """Tells every event of a job as a line, and gives the job as it ended."""
    for event in vitrine.jobs.events(job_id):
        if as_json:
            tell(json.dumps({"event": event.kind, "id": event.id, "data": event.data}, ensure_ascii=False))
        else:
            tell(event_line(event))
    return vitrine.jobs.get(job_id)


def event_line(event: "Event") -> str:
    """`stage  stage=render seconds=1.8`; the end stands alone, for its document is long, and so do previews."""
    if {"id", "state"} <= set(event.data):
        return event.kind
    told = {name: str(value) for name, value in event.data.items() if isinstance(value, str | int | float)}
    said = " ".join(f"{name}={value}" for name, value in told.items() if len(value) <= SHOWN)
    return plain(f"{event.kind}  {said}".rstrip())


def follow_batch(vitrine: "Vitrine", batch_id: str) -> "Batch":
    """Shows the rows of a batch on stderr until none is open, and gives the batch as it ended."""
    from rich.console import Console

    console = Console(stderr=True)
    batch, told_at = vitrine.batches.get(batch_id), 0.0
    with _bar(console) as progress:
        task = progress.add_task("", total=batch.total, states="")
        while not batch.over:
            progress.update(task, completed=batch.done, total=batch.total, states=states(batch))
            if not console.is_terminal and time.monotonic() - told_at >= LINE_EVERY_S:
                told_at = time.monotonic()
                print(f"{batch.done} of {batch.total or 'as yet unknown'} rows: {states(batch)}", file=sys.stderr)
            time.sleep(LOOK_S)
            batch = vitrine.batches.get(batch_id)
        progress.update(task, completed=batch.done, total=batch.total, states=states(batch))
    return batch


def states(batch: "Batch") -> str:
    return f"{batch.state}; " + ", ".join(f"{count} {state}" for state, count in sorted(batch.counts.items()))


def _bar(console: "Console") -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[states]}"), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
