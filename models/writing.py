"""Answers that a model writes token by token: requests join and leave between two tokens, in one bounded batch."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.batches import apart
from models.domain import Attributes, ExtractionOrder, Refusal
from models.roles import Extractor


@dataclass(eq=False)
class Ticket:
    """One request: what is being written, and who waits for it."""

    writing: Any
    answer: asyncio.Future[Attributes | Refusal]


class ContinuousBatch:
    """Bound to the event loop that first uses it. Who came first is written first; nothing waits for a batch to end.

    An unforeseen failure of one request leaves the others alone.
    """

    def __init__(self, extractor: Extractor[Any]) -> None:
        self._extractor = extractor
        self._tickets: list[Ticket] = []
        self._loop: asyncio.Task[None] | None = None

    async def extract(self, order: ExtractionOrder) -> Attributes | Refusal:
        """The answer to an order; who is cancelled leaves before the next token."""
        answer: asyncio.Future[Attributes | Refusal] = asyncio.get_running_loop().create_future()
        ticket = Ticket(self._extractor.begin(order), answer)
        self._tickets.append(ticket)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._write())
        try:
            return await answer
        finally:
            self._tickets.remove(ticket)

    async def _write(self) -> None:
        while waiting := [ticket for ticket in self._tickets if not ticket.answer.done()]:
            together = waiting[: self._extractor.together]
            outcomes = await asyncio.to_thread(stepped, self._extractor, [ticket.writing for ticket in together])
            for ticket, outcome in zip(together, outcomes, strict=True):
                if outcome is not None and not ticket.answer.done():
                    ticket.answer.set_result(outcome)


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
