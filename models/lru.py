"""The latest answers of a model, bounded; every lookup is counted for whoever publishes the counts."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Literal, TypeVar

Answer = TypeVar("Answer")

lookups: Counter[tuple[str, Literal["hit", "miss"]]] = Counter()
"""Lookups of this process by cache and outcome; they only grow, whatever is loaded anew."""


class Lru(Generic[Answer]):
    """Keeps what `weigh` adds up to `most` at most (entries by default, or bytes); the longest unused goes first."""

    def __init__(self, name: str, most: int, weigh: Callable[[Answer], int] = lambda _: 1) -> None:
        self._name, self._most, self._weigh = name, most, weigh
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Answer | None:
        """What was kept under `key`; counts a hit or a miss."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            lookups[self._name, "miss" if found is None else "hit"] += 1
            return found

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keeps an answer; one that is heavier than the whole bound is not kept."""
        with self._lock:
            if key in self._kept:
                self._weight -= self._weigh(self._kept.pop(key))
            self._kept[key] = answer
            self._weight += self._weigh(answer)
            while self._weight > self._most:
                self._weight -= self._weigh(self._kept.popitem(last=False)[1])
