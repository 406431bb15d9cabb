"""Delays, failures and a journal on demand, the same for every double."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from models.domain import Refusal
from models.doubles.journal import Journal

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Trouble:
    """Notes every item; waits `delay_s` per batch; refuses texts that hold `refuse`; raises when one holds `crash`."""

    def __init__(
        self, delay_s: float, refuse: str | None = None, crash: str | None = None, journal: Journal | None = None
    ) -> None:
        self._delay_s, self._refuse, self._crash, self._journal = delay_s, refuse, crash, journal

    def met(
        self, items: Sequence[Item], text: Callable[[Item], str], answer: Callable[[Item], Outcome]
    ) -> list[Outcome | Refusal]:
        """One answer per item, or the trouble that was asked for; raises RuntimeError for the whole batch."""
        if self._journal is not None:
            self._journal.note(items)
        time.sleep(self._delay_s)
        if self._crash is not None and any(self._crash in text(item) for item in items):
            raise RuntimeError(f"a double was asked to crash on {self._crash!r}")
        return [self._one(item, text, answer) for item in items]

    def _one(self, item: Item, text: Callable[[Item], str], answer: Callable[[Item], Outcome]) -> Outcome | Refusal:
        if self._refuse is not None and self._refuse in text(item):
            return Refusal("double_refused", f"a double was asked to refuse {self._refuse!r}; take the word out")
        return answer(item)
