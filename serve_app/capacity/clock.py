"""Virtual time: what happens when, one event after the other, and passages that wait in between."""

import heapq
import itertools
from collections.abc import Callable, Generator
from typing import Any

Passage = Generator["Event | float", Any, Any]
"""A course of events: yields seconds to let pass, or an event to wait for, which gives its value."""


class Event:
    """Something that happens once; who waits for it goes on in the order in which they began to wait."""

    __slots__ = ("_clock", "_heard", "happened", "value")

    def __init__(self, clock: "Clock") -> None:
        self._clock, self.happened, self.value = clock, False, None
        self._heard: list[Callable[[Any], None]] = []

    def happen(self, value: Any = None) -> None:
        self.happened, self.value = True, value
        for call in self._heard:
            self._clock.after(0.0, call, value)
        self._heard.clear()

    def then(self, call: Callable[[Any], None]) -> None:
        if self.happened:
            self._clock.after(0.0, call, self.value)
        else:
            self._heard.append(call)


class Clock:
    """`now` in seconds since the beginning."""

    def __init__(self) -> None:
        self.now = 0.0
        self._line: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._count = itertools.count()

    def after(self, seconds: float, call: Callable[[Any], None], value: Any = None) -> None:
        heapq.heappush(self._line, (self.now + seconds, next(self._count), call, value))

    def event(self) -> Event:
        return Event(self)

    def begin(self, passage: Passage) -> Event:
        """Starts a passage; the event happens with what it returns."""
        over = Event(self)
        self.after(0.0, lambda _: self._go(passage, over, None))
        return over

    def run(self, until_s: float) -> None:
        """Everything that happens before a moment."""
        while self._line and self._line[0][0] <= until_s:
            self.now, _, call, value = heapq.heappop(self._line)
            call(value)
        self.now = until_s

    def _go(self, passage: Passage, over: Event, value: Any) -> None:
        try:
            wanted = passage.send(value)
        except StopIteration as end:
            over.happen(end.value)
            return
        if isinstance(wanted, Event):
            wanted.then(lambda found: self._go(passage, over, found))
        else:
            self.after(wanted, lambda _: self._go(passage, over, None))


class Places:
    """So many at once; the others wait in line."""

    def __init__(self, clock: Clock, count: int) -> None:
        self._clock, self._free = clock, count
        self._waiting: list[Event] = []

    def take(self) -> Event:
        taken = self._clock.event()
        if self._free:
            self._free -= 1
            taken.happen()
        else:
            self._waiting.append(taken)
        return taken

    def leave(self) -> None:
        if self._waiting:
            self._waiting.pop(0).happen()
        else:
            self._free += 1
