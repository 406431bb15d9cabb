"""What is asked for at the same moment is committed together: a busy moment costs one transaction."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Grouped(Generic[Item, Answer]):
    """`commit` gives an answer per item. An item is committed after `delay_s`, with all that came until then; those
    that come meanwhile when that is done."""

    def __init__(self, commit: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]], delay_s: float = 0.0) -> None:
        self._commit, self._delay_s = commit, delay_s
        self._hurried = asyncio.Event()
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._open: set[asyncio.Future[Answer]] = set()
        self._writer: asyncio.Task[None] | None = None

    def add(self, item: Item) -> asyncio.Future[Answer]:
        """The item's answer once it is committed, or what the commit raised."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        self._open.add(answer)
        answer.add_done_callback(self._open.discard)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return answer

    async def settled(self) -> None:
        """Until everything that was added so far is committed, now."""
        if self._open:
            self._hurried.set()
            await asyncio.wait(set(self._open))

    async def _write(self) -> None:
        while self._waiting:
            if self._delay_s:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurried.wait(), self._delay_s)
                self._hurried.clear()
            together, self._waiting = self._waiting, []
            if not await self._committed(together) and len(together) > 1:
                for each in together:  # one that cannot be committed must not take its neighbours along
                    await self._committed([each])

    async def _committed(self, together: Sequence[tuple[Item, asyncio.Future[Answer]]]) -> bool:
        """Whether all have their answers; one that was alone and could not be committed hears why."""
        try:
            answers = await self._commit([item for item, _ in together])
        except Exception as error:  # noqa: BLE001 - whoever asked hears it
            if len(together) == 1 and not together[0][1].cancelled():
                together[0][1].set_exception(error)
            return False
        for (_, answer), found in zip(together, answers, strict=True):
            if not answer.cancelled():
                answer.set_result(found)
        return True
