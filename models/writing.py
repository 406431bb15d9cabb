"""Answers that a model writes token by token: requests join and leave between two tokens, in one bounded batch."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.batches import apart
from models.domain import Attributes, ExtractionOrder, Refusal
from models.load import Load
from models.roles import Extractor


@dataclass(eq=False)
class Ticket:
    """One request: what is being written, who waits for it, and since when it is written (time.perf_counter())."""

    writing: Any
    answer: asyncio.Future[Attributes | Refusal]
    began: float | None = None


class ContinuousBatch:
    """Bound to the event loop that first uses it. Who came first is written first; nothing waits for a batch to end.

    An unforeseen failure of one request leaves the others alone.
    """

    def __init__(self, extractor: Extractor[Any]) -> None:
        self._extractor = extractor
        self._tickets: list[Ticket] = []
        self._loop: asyncio.Task[None] | None = None
        self._changed = False  # who is written for, since the thread looked
        self.load = Load(extractor.together)

    async def extract(self, order: ExtractionOrder) -> Attributes | Refusal:
        """The answer to an order; who is cancelled leaves before the next token."""
        answer: asyncio.Future[Attributes | Refusal] = asyncio.get_running_loop().create_future()
        ticket = Ticket(self._extractor.begin(order), answer)
        self._tickets.append(ticket)
        self._changed = True
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._write())
        try:
            with self.load.taken():
                return await answer
        finally:
            self._tickets.remove(ticket)
            self._changed = True

    async def _write(self) -> None:
        while waiting := [ticket for ticket in self._tickets if not ticket.answer.done()]:
            together = waiting[: self._extractor.together]
            self._changed = False
            for ticket in together:
                ticket.began = ticket.began or time.perf_counter()
            outcomes = await asyncio.to_thread(self._stepped, [ticket.writing for ticket in together])
            for ticket, outcome in zip(together, outcomes, strict=True):
                if outcome is not None and not ticket.answer.done():
                    ticket.answer.set_result(outcome)
                    self.load.ran(len(together), time.perf_counter() - (ticket.began or 0.0))

    def _stepped(self, together: Sequence[Any]) -> list[Attributes | Refusal | None]:
        """Tokens in one go until an answer is done, or somebody comes or leaves."""
        while True:
            outcomes = stepped(self._extractor, together)
            if self._changed or any(outcome is not None for outcome in outcomes):
                return outcomes


def written(extractor: Extractor[Any], orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]:
    """One outcome per order, without an event loop."""
    writings = [extractor.begin(order) for order in orders]
    outcomes: dict[int, Attributes | Refusal] = {}
    while left := [place for place in range(len(orders)) if place not in outcomes]:
        together = left[: extractor.together]
        found = stepped(extractor, [writings[place] for place in together])
        outcomes.update((place, one) for place, one in zip(together, found, strict=True) if one is not None)
    return [outcomes[place] for place in range(len(orders))]


def stepped(extractor: Extractor[Any], together: Sequence[Any]) -> list[Attributes | Refusal | None]:
    """One token more of each; the outcome of those that are done."""

    def step(writings: Sequence[Any]) -> list[Any]:
        extractor.step(writings)
        return [writing.outcome for writing in writings]

    return apart(step, together)
