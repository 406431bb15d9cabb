"""Requests that join and leave between tokens, over an extractor that keeps a diary."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.domain import Attributes, ExtractionOrder, Refusal
from models.writing import ContinuousBatch, written


@dataclass(eq=False)
class Line:
    """A text of as many tokens as its source has letters."""

    order: ExtractionOrder
    tokens: int = 0
    outcome: Attributes | Refusal | None = None


@dataclass
class Diary:
    """Who was written at each step; every step waits until the test lets it end."""

    together: int = 2
    steps: list[str] = field(default_factory=list)
    let: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(10_000))
    begun: int = 0

    def begin(self, order: ExtractionOrder) -> Line:
        return Line(order)

    def step(self, together: Sequence[Line]) -> None:
        self.begun += 1
        assert self.let.acquire(timeout=60), "the test never let this step end"
        if any("!" in line.order.source for line in together):
            raise RuntimeError("out of memory")
        self.steps.append(" ".join(line.order.source for line in together))
        for line in together:
            line.tokens += 1
            if line.tokens == len(line.order.source):
                line.outcome = Attributes(brand=line.order.source)

    def extract(self, orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]:
        return written(self, orders)


def order(source: str) -> ExtractionOrder:
    return ExtractionOrder(source, "")


async def until(diary: Diary, step: int, batch: ContinuousBatch, held: int) -> None:
    """Until this step, counted from 1, has begun and so many requests are held."""
    async with asyncio.timeout(60):
        while (diary.begun, len(batch._tickets)) != (step, held):
            await asyncio.sleep(0.001)


async def test_who_waits_joins_as_soon_as_another_is_done() -> None:
    diary = Diary()
    batch = ContinuousBatch(diary)
    found = await asyncio.gather(*(batch.extract(order(source)) for source in ("aa", "bbbb", "ccc")))
    assert [one.brand for one in found if isinstance(one, Attributes)] == ["aa", "bbbb", "ccc"]
    assert diary.steps == ["aa bbbb", "aa bbbb", "bbbb ccc", "bbbb ccc", "ccc"]


async def test_who_is_cancelled_leaves_before_the_next_token() -> None:
    diary = Diary(let=threading.Semaphore(0))
    batch = ContinuousBatch(diary)
    left, stays = (asyncio.create_task(batch.extract(order(source))) for source in ("aaaaaaaa", "bb"))
    await until(diary, 1, batch, held=2)
    left.cancel()
    await until(diary, 1, batch, held=1)
    diary.let.release(10_000)
    await stays
    assert diary.steps == ["aaaaaaaa bb", "bb"]


async def test_one_that_fails_is_refused_and_its_neighbours_are_answered() -> None:
    batch = ContinuousBatch(Diary(together=3))
    before, broken, after = await asyncio.gather(*(batch.extract(order(source)) for source in ("aa", "b!", "c")))
    assert (before, after) == (Attributes(brand="aa"), Attributes(brand="c"))
    assert isinstance(broken, Refusal)
    assert broken.code == "model_fault"


async def test_a_batch_that_came_to_rest_takes_up_the_next_request() -> None:
    batch = ContinuousBatch(Diary())
    assert await batch.extract(order("a")) == Attributes(brand="a")
    assert await batch.extract(order("b")) == Attributes(brand="b")


def test_without_an_event_loop_the_same_comes_out_in_the_order_of_the_requests() -> None:
    found = Diary().extract([order(source) for source in ("aaa", "b", "cc")])
    assert found == [Attributes(brand="aaa"), Attributes(brand="b"), Attributes(brand="cc")]
