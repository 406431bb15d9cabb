"""Ways to call the models of one process: one by one, in threads, in batches."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from loadtests.peers.stages import Batched
from serve_app.stories.steps import Steps

TOGETHER = 4  # pictures in one batch of a peer, as many as the pack's renderer takes
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def all_cores() -> int:
    """Threads of a peer that does one thing at a time, and workers of one that forks."""
    return os.cpu_count() or 1


def one_by_one(batched: Mapping[str, Batched]) -> Steps:
    """Each call by itself, in the caller's thread."""

    def alone(role: str) -> Callable[..., Awaitable[Any]]:
        async def call(order: Any, _watch: Any = None) -> Any:
            return batched[role]([order])[0]

        return call

    return _steps(alone)


def in_threads(batched: Mapping[str, Batched]) -> Steps:
    """Each call in a thread, a model at one thing at a time."""

    def locked(role: str) -> Callable[..., Awaitable[Any]]:
        free = asyncio.Lock()

        async def call(order: Any, _watch: Any = None) -> Any:
            async with free:
                return (await asyncio.to_thread(batched[role], [order]))[0]

        return call

    return _steps(locked)


def in_batches(batched: Mapping[str, Batched]) -> Steps:
    """What asks a model while it works becomes its next batch."""

    def together(role: str) -> Callable[..., Awaitable[Any]]:
        gather = Together[Any, Any](batched[role], TOGETHER)

        async def call(order: Any, _watch: Any = None) -> Any:
            return await gather(order)

        return call

    return _steps(together)


def _steps(made: Callable[[str], Callable[..., Awaitable[Any]]]) -> Steps:
    return Steps(made("translator"), made("extractor"), made("renderer"), made("scorer"), made("segmenter"))


class Together(Generic[Item, Outcome]):
    """One batch at a time in a thread; the next one fills meanwhile. Nothing waits for a batch to fill."""

    def __init__(self, run: Callable[[Sequence[Item]], Sequence[Outcome]], most: int) -> None:
        self._run, self._most = run, most
        self._waiting: list[tuple[Item, asyncio.Future[Outcome]]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Outcome:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            outcomes = await asyncio.to_thread(self._run, [item for item, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if not answer.done():
                    answer.set_result(outcome)
