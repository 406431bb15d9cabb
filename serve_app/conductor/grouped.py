"""What is asked for at the same moment is committed together: a busy moment costs one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Grouped(Generic[Item, Answer]):
    """`commit` gives an answer per item. The first item is committed at once, later ones when that is done."""

    def __init__(self, commit: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]) -> None:
        self._commit = commit
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._writer: asyncio.Task[None] | None = None

    def add(self, item: Item) -> asyncio.Future[Answer]:
        """The item's answer once it is committed, or what the commit raised."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return answer

    async def settled(self) -> None:
        """Until everything that was added so far is committed."""
        if self._writer is not None:
            await asyncio.wait({self._writer})

    async def _write(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            try:
                answers = await self._commit([item for item, _ in together])
            except Exception as error:  # noqa: BLE001 - whoever asked hears it
                for _, answer in together:
                    if not answer.cancelled():
                        answer.set_exception(error)
            else:
                for (_, answer), found in zip(together, answers, strict=True):
                    if not answer.cancelled():
                        answer.set_result(found)
