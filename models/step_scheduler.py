"""Requests join and leave between the denoising steps of one renderer.

Encoding, denoising and decoding run in a thread each, so that one request's text or file never holds another's step.
Who goes next is `models.turns`: one set of adapters and one size are on the device at a time.
"""

import asyncio
import copy
import io
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from PIL import Image

from models.batches import apart
from models.domain import Picture, Preview, Refusal, RenderOrder, Step, Watch
from models.load import Load
from models.roles import Denoising, Renderer
from models.turns import Turns, Waiting, decoded, hurried

Item = TypeVar("Item")
PREVIEW_SIDE = 512  # pixels: some 30 KB, which an event can carry


@dataclass(eq=False, kw_only=True)
class Ticket(Waiting):
    """One request: where its picture stands, who looks on and who waits."""

    watch: Watch | None
    previewed: frozenset[int]  # steps after which a preview is made
    answer: asyncio.Future[Picture | Refusal]
    device_s: float = 0.0


class Order(Protocol):
    """Who goes next; `swaps`: how often adapters have changed."""

    swaps: int

    def next(self, ready: Sequence[Ticket]) -> list[Ticket]: ...


@dataclass
class Work:
    """What a scheduler has done: steps, places in them that were taken, pictures, and how often adapters changed."""

    steps: int = 0
    places: int = 0
    pictures: int = 0
    swaps: int = 0


class StepScheduler:
    """Bound to the event loop that first uses it. An unforeseen failure of one picture leaves the others alone."""

    def __init__(self, renderer: Renderer[Any], turns: Order | None = None) -> None:
        self._renderer = renderer
        self._ready: list[Ticket] = []
        self._turns: Order = turns or Turns(renderer.together)
        self._encoder, self._decoder = asyncio.Lock(), asyncio.Semaphore(renderer.threads.decoders)
        self._changed = asyncio.Event()  # who waits for steps, or to be decoded
        self._threads = ThreadPoolExecutor(
            2 + renderer.threads.decoders, "renderer", initializer=os.nice, initargs=(renderer.threads.nice,)
        )  # on Linux a thread has a nice value of its own
        self._loop: asyncio.Task[None] | None = None
        self._over: list[Ticket] = []  # denoised and not decoded yet
        self._beside: set[asyncio.Task[None]] = set()  # decodings and previews, beside the next steps
        self.work, self.load = Work(), Load(renderer.together)

    async def draw(
        self, order: RenderOrder, watch: Watch | None = None, within_s: float | None = None
    ) -> Picture | Refusal:
        """The picture of an order; who is cancelled, or not done in time, leaves the device before its next step."""
        try:
            async with asyncio.timeout(within_s) as limit:
                return await self._drawn(order, watch)
        except TimeoutError:
            if not limit.expired():
                raise
            return Refusal("deadline", f"the picture was not done within {within_s} s; ask again with more time")

    async def _drawn(self, order: RenderOrder, watch: Watch | None) -> Picture | Refusal:
        begun, taken_s = await self._begun(order)
        if isinstance(begun, Refusal):
            return begun
        answer: asyncio.Future[Picture | Refusal] = asyncio.get_running_loop().create_future()
        previewed = _spread(watch, begun.steps)
        ticket = Ticket(begun, watch is not None, watch=watch, previewed=previewed, answer=answer, device_s=taken_s)
        self._ready.append(ticket)
        self._changed.set()
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._denoise())
        try:
            with self.load.taken(ticket.whole):
                return await answer
        finally:
            for waiting in (self._ready, self._over):
                if ticket in waiting:
                    waiting.remove(ticket)
            self._changed.set()

    async def _begun(self, order: RenderOrder) -> tuple[Any, float]:
        await self._encoder.acquire()
        begin = asyncio.ensure_future(self._apart(self._all_begun, [order]))
        begin.add_done_callback(lambda _: self._encoder.release())  # who leaves does not stop the thread
        (begun,), taken_s = await asyncio.shield(begin)
        return begun, taken_s

    async def _apart(
        self, call: Callable[[Sequence[Item]], list[Any]], items: Sequence[Item]
    ) -> tuple[list[Any], float]:
        """In a thread; where they fail together, each item by itself. With the seconds that each of them took."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _timed, call, items)

    def _all_begun(self, orders: Sequence[RenderOrder]) -> list[Any]:
        return [self._renderer.begin(order) for order in orders]

    async def _denoise(self) -> None:
        while self._ready:
            if not hurried(self._ready, self._over):
                self._changed.clear()
                await self._changed.wait()
                continue
            together = self._turns.next(self._ready)
            ways = [ticket.way for ticket in together]
            stepped, taken_s = await self._apart(self._all_stepped, ways)
            self.load.ran(len(together), taken_s * len(together), together[0].pixels)
            self.work.steps += 1
            self.work.places += len(together)
            self.work.swaps = self._turns.swaps
            for ticket, outcome in zip(together, stepped, strict=True):
                ticket.device_s += taken_s
                if isinstance(outcome, Refusal):
                    self._end(ticket, outcome)
            self._told([ticket for ticket in together if ticket in self._ready])

    def _all_stepped(self, ways: Sequence[Denoising]) -> list[Denoising | Refusal]:
        self._renderer.step(ways)
        return list(ways)

    def _told(self, together: Sequence[Ticket]) -> None:
        over = [ticket for ticket in together if ticket.way.done == ticket.way.steps]
        for ticket in together:
            step = Step(ticket.way.done, ticket.way.steps)
            if ticket.watch is not None:
                ticket.watch.hear(step)
            if step.done in ticket.previewed:
                self._run(self._preview(ticket, step, copy.copy(ticket.way)))
        self.work.pictures += len(over)
        for ticket in over:
            self._ready.remove(ticket)
            self._over.append(ticket)
            self._run(self._finish_one())

    async def _finish_one(self) -> None:
        async with self._decoder:
            if not self._over:
                return  # who left needs no picture
            ticket = decoded(self._over)
            self._over.remove(ticket)
            self._changed.set()
            (picture,), taken_s = await self._apart(self._all_finished, [ticket.way])
        self.load.ran_beside(taken_s, ticket.whole)
        drawn_s = round(ticket.device_s + taken_s, 4)
        self._end(ticket, picture if isinstance(picture, Refusal) else replace(picture, device_s=drawn_s))

    async def _preview(self, ticket: Ticket, step: Step, way: Any) -> None:
        async with self._decoder:
            if ticket.answer.done() or ticket.watch is None:
                return
            (jpeg,), _ = await self._apart(self._all_previewed, [way])
            if isinstance(jpeg, bytes) and not ticket.answer.done():
                ticket.watch.hear(Preview(step, jpeg))

    def _all_finished(self, ways: Sequence[Denoising]) -> list[Picture | Refusal]:
        return [*self._renderer.finish(ways)]

    def _all_previewed(self, ways: Sequence[Any]) -> list[bytes | Refusal]:
        return [_small(self._renderer.preview(way)) for way in ways]

    def _run(self, beside: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(beside)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def _end(self, ticket: Ticket, outcome: Picture | Refusal) -> None:
        if ticket in self._ready:
            self._ready.remove(ticket)
        if not ticket.answer.done():
            ticket.answer.set_result(outcome)


def _timed(call: Callable[[Sequence[Item]], list[Any]], items: Sequence[Item]) -> tuple[list[Any], float]:
    began = time.perf_counter()
    outcomes = apart(call, items)
    return outcomes, (time.perf_counter() - began) / len(items)


def _spread(watch: Watch | None, steps: int) -> frozenset[int]:
    """The steps after which previews are made: evenly, and not after the last one, which gives the picture."""
    wanted = 0 if watch is None else min(watch.previews, steps - 1)
    return frozenset(round(number * steps / (wanted + 1)) for number in range(1, wanted + 1))


def _small(picture: Picture) -> bytes:
    written = io.BytesIO()
    image = Image.fromarray(picture.pixels)
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    image.save(written, "JPEG", quality=80)
    return written.getvalue()
