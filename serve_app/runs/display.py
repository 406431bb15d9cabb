"""Live progress on stderr: bars and counts on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from serve_app.runs.run import Run
from serve_app.runs.tally import Tally

LINE_EVERY_S = 10.0  # between lines where no terminal redraws
SHOWN = 5  # articles without a picture that the last lines name; the report has all
COLOURS = {"succeeded": "green", "needs_answer": "yellow", "rejected": "magenta", "failed": "red"}
WORDS = {"succeeded": "succeeded", "needs_answer": "need an answer", "rejected": "rejected", "failed": "failed"}


class Display:
    """Shows what the run does; `say` a step without numbers, `show` the tally."""

    def __init__(self, run: Run, console: Console | None = None) -> None:
        self._run = run
        self._console = console or Console(stderr=True)
        self._live = Live(console=self._console, refresh_per_second=8, transient=True)
        self._spinner = Spinner("dots")
        self._line_at = 0.0

    def __enter__(self) -> Self:
        found = f"{self._run.rows} rows, {len(self._run.articles)} articles"
        done = len(self._run.articles) - len(self._run.pending)
        self._console.print(f"{found}, {done} of them done before" if done else found, highlight=False)
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def say(self, step: str) -> None:
        if self._console.is_terminal:
            self._spinner.update(text=Text(step))
            self._live.update(self._spinner)
        else:
            self._console.print(step, highlight=False)

    def show(self, tally: Tally) -> None:
        if self._console.is_terminal:
            self._live.update(panel(tally))
        elif time.monotonic() - self._line_at >= LINE_EVERY_S or tally.done == tally.total:
            self._line_at = time.monotonic()
            self._console.print(line(tally), highlight=False, soft_wrap=True)


def panel(tally: Tally) -> Group:
    """Bar with rate and time left, then counts by state, then by stage."""
    top = Table.grid(padding=(0, 1))
    top.add_row(
        ProgressBar(total=tally.total, completed=tally.done, width=32),
        Text(f"{tally.done}/{tally.total} articles", style="bold"),
        Text(pace(tally), style="dim"),
    )
    states = Text("  ").join(
        Text(f"{tally.states[state]} {WORDS[state]}", style=colour if tally.states[state] else "dim")
        for state, colour in COLOURS.items()
    )
    states.append(f"  {tally.in_flight} in work, {tally.pictures} pictures", style="dim")
    return Group(top, states, Text(stages(tally) or "waiting for the first article", style="dim"))


def line(tally: Tally) -> str:
    states = ", ".join(f"{count} {WORDS[state]}" for state, count in tally.states.items())
    return f"{tally.done}/{tally.total} articles: {'; '.join(filter(None, (states, pace(tally), stages(tally))))}"


def pace(tally: Tally) -> str:
    """`23.1/min, 3 min 05 s left`."""
    if tally.per_minute is None or tally.seconds_left is None:
        return ""
    return f"{tally.per_minute:.1f}/min, {duration(tally.seconds_left)} left"


def stages(tally: Tally) -> str:
    """`translate 24 (0.12 s)  render 24 (1.80 s)`: articles through each stage and its mean time."""
    return "  ".join(
        f"{stage} {count} ({tally.stage_seconds[stage] / count:.2f} s)" for stage, count in tally.stages.items()
    )


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def closing_lines(run: Run, numbers: dict[str, Any], without: list[tuple[str, str]]) -> Iterator[str]:
    """What came of the run, the first rows that got no picture, and where the report is."""
    counts = ", ".join(f"{numbers[state]} {word}" for state, word in WORDS.items() if numbers[state])
    found = f"{numbers['articles']} rows, {numbers['unique_articles']} articles"
    yield f"{found}: {counts} ({duration(numbers['seconds'])})"
    if numbers["mean_score"] is not None:
        clip = numbers["clip"]["mean"]
        first = numbers["first_pass_rate"]
        passed = f"{numbers['pass_rate']:.0%} pass" + ("" if first is None else f" ({first:.0%} as first drawn)")
        yield f"score {numbers['mean_score']:.2f} of 10 in the mean, {passed}, CLIP {clip:.1f}"
    if (made := numbers["delivery"]) is not None:
        broken = ", ".join(f"{rule} {count} times" for rule, count in made["broken"].items())
        told = f"; broken: {broken}" if broken else ""
        yield f"delivered for {made['profile']}: {made['pass']} of {made['files']} files pass its rules{told}"
    for rows, reason in without[:SHOWN]:
        yield f"  {rows}: {reason}"
    if len(without) > SHOWN:
        yield f"  and {len(without) - SHOWN} more in the report"
    yield f"report: {run.folder.report}"
