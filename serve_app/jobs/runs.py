"""What a run has done, row by row; a run that was stopped or killed goes on from here."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, delete, insert, select, update

from serve_app.jobs.database import EVERYONE, Database, now
from serve_app.jobs.schema import run_rows, runs

PENDING = "pending"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of a sheet and the article it names; `row` is 1-based without the header."""

    file: str
    row: int
    article_id: str
    state: str = PENDING
    error: str | None = None


class RunState:
    """The state of one run in a database of its own folder; it has no tenants."""

    def __init__(self, database: Database, run: str) -> None:
        self._database, self._run = database, run

    async def options(self) -> dict[str, Any] | None:
        """The options that the run was started with; None before its start."""
        options: dict[str, Any] | None = await self._fact(runs.c.options)
        return options

    async def seconds(self) -> float:
        """Wall-clock seconds that all calls together have spent up to the last article they finished."""
        return float(await self._fact(runs.c.seconds) or 0.0)

    async def begin(self, options: dict[str, Any], rows: list[RunRow]) -> None:
        """Takes the rows that the sheets hold now; an article that has a state keeps it."""
        known = {row.article_id: row for row in await self.rows()}
        lines = [
            {"run": self._run, "position": position, "file": row.file, "row": row.row, "article_id": row.article_id}
            | _standing(known.get(row.article_id, row))
            for position, row in enumerate(rows)
        ]
        again = update(runs).where(runs.c.id == self._run).values(options=options)
        async with self._database.writing(EVERYONE) as connection:
            if not (await connection.execute(again)).rowcount:
                await connection.execute(insert(runs).values(id=self._run, options=options, created=now()))
            await connection.execute(delete(run_rows).where(run_rows.c.run == self._run))
            if lines:
                await connection.execute(insert(run_rows), lines)

    async def rows(self) -> list[RunRow]:
        columns = (run_rows.c.file, run_rows.c.row, run_rows.c.article_id, run_rows.c.state, run_rows.c.error)
        wanted = select(*columns).where(run_rows.c.run == self._run).order_by(run_rows.c.position)
        async with self._database.reading(EVERYONE) as connection:
            return [RunRow(*row) for row in await connection.execute(wanted)]

    async def finish(self, article_id: str, state: str, seconds: float, error: str | None = None) -> None:
        """Sets the state of every row that names the article, and the seconds that the run has taken by now."""
        done = update(run_rows).where(run_rows.c.run == self._run, run_rows.c.article_id == article_id)
        # Articles that end together may be written in another order than they were timed.
        later = update(runs).where(runs.c.id == self._run, runs.c.seconds < seconds)
        async with self._database.writing(EVERYONE) as connection:
            await connection.execute(done.values(state=state, error=error))
            await connection.execute(later.values(seconds=seconds))

    async def _fact(self, column: Column[Any]) -> Any:
        async with self._database.reading(EVERYONE) as connection:
            return (await connection.execute(select(column).where(runs.c.id == self._run))).scalar_one_or_none()


def _standing(row: RunRow) -> dict[str, str | None]:
    return {"state": row.state, "error": row.error}
