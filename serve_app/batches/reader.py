"""The open feed of one batch, between the calls of a feeder."""

from collections import deque

from serve_app.batches.feed import rows
from serve_app.batches.source import Source
from serve_app.jobs.objects import Objects
from serve_app.sheets import Row, SheetError


class Reader:
    """`taken`: the last row that was taken for good; `most`: rows to take at once, fewer while the queue is full."""

    def __init__(self, objects: Objects, source: Source, taken: int, most: int) -> None:
        self._rows = rows(objects, source, taken)
        self._held: deque[Row] = deque()  # read, and not taken yet
        self.taken, self.most, self._window = taken, most, most
        self._drained = False
        self.broken: SheetError | None = None  # why the feed ends before its end

    @property
    def at_end(self) -> bool:
        return self._drained and not self._held

    async def take(self, count: int) -> list[Row]:
        """Up to `count` rows, fewer at the end."""
        while len(self._held) <= count and not self._drained:  # one more, to know the end when it is there
            try:
                self._held.append(await anext(self._rows))
            except StopAsyncIteration:
                self._drained = True
            except SheetError as broken:
                self._drained, self.broken = True, broken
        return [self._held.popleft() for _ in range(min(count, len(self._held)))]

    def put_back(self, piece: list[Row]) -> None:
        """Rows that the queue had no room for."""
        self._held.extendleft(reversed(piece))
        self.most = max(1, self.most // 2)

    def took(self, count: int) -> None:
        self.taken += count
        self.most = min(self._window, self.most * 2)

    async def close(self) -> None:
        await self._rows.aclose()
