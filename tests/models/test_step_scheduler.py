"""The step scheduler over a double that keeps a diary of what was on the device."""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain import Picture, Preview, Refusal, RenderOrder, Step, Watch
from models.doubles.trouble import Trouble
from models.doubles.vision import Draughtsman, Sketch
from models.step_scheduler import BOUND, StepScheduler

EVERY = 10_000  # more steps than any test takes
ORDER = RenderOrder("a navy shirt on a pure white background", seed=1, width=64, height=64)


class Diary(Draughtsman):
    """Keeps the group and the orders of every step, and whether two steps ever ran at once.

    `held`: every step stays on the device until the test has `let` it end.
    """

    def __init__(self, fails: str | None = None, held: bool = False) -> None:
        super().__init__(Trouble(0.0))
        self.steps: list[tuple[Any, list[int]]] = []
        self.begun, self.overlapped = 0, False
        self._fails, self._device = fails, threading.Lock()
        self._let = threading.Semaphore(0 if held else EVERY)

    def let(self, steps: int) -> None:
        self._let.release(steps)

    @property
    def seeds(self) -> list[list[int]]:
        return [seeds for _, seeds in self.steps]

    def step(self, together: Sequence[Sketch]) -> None:
        self.overlapped |= not self._device.acquire(blocking=False)
        self.begun += 1
        try:
            assert self._let.acquire(timeout=60), "the test never let this step end"
            assert len({one.group for one in together}) == 1
            if self._fails and any(self._fails in one.order.prompt for one in together):
                raise RuntimeError("out of memory")
            super().step(together)
            self.steps.append((together[0].group, [one.order.seed for one in together]))
        finally:
            self._device.release()


async def until(diary: Diary, step: int, scheduler: StepScheduler, ready: int) -> None:
    """Until this step, counted from 1, is on the device and so many pictures are on their way."""
    async with asyncio.timeout(60):
        while (diary.begun, len(scheduler._ready)) != (step, ready):
            await asyncio.sleep(0.001)


async def test_a_request_joins_between_the_steps_of_another() -> None:
    diary = Diary(held=True)
    scheduler = StepScheduler(diary)
    first = asyncio.create_task(scheduler.draw(ORDER))
    await until(diary, 1, scheduler, ready=1)
    second = asyncio.create_task(scheduler.draw(replace(ORDER, seed=2)))
    await until(diary, 1, scheduler, ready=2)
    diary.let(EVERY)
    await asyncio.gather(first, second)
    assert diary.seeds == [[1], [1, 2], [1, 2], [1, 2], [2]]


async def test_who_is_cancelled_leaves_before_the_next_step() -> None:
    diary = Diary(held=True)
    scheduler = StepScheduler(diary)
    left = asyncio.create_task(scheduler.draw(ORDER))
    await until(diary, 1, scheduler, ready=1)
    diary.let(1)
    await until(diary, 2, scheduler, ready=1)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    other = asyncio.create_task(scheduler.draw(replace(ORDER, seed=2)))
    await until(diary, 2, scheduler, ready=1)
    diary.let(EVERY)
    assert isinstance(await other, Picture)
    assert diary.seeds == [[1], [1], [2], [2], [2], [2]], "none but the step that was under way"


async def test_a_failing_picture_leaves_its_neighbours_alone() -> None:
    scheduler = StepScheduler(Diary(fails="Zirkon"))
    orders = [ORDER, replace(ORDER, prompt="Zirkon shirt", seed=2), replace(ORDER, seed=3)]
    first, wrong, third = await asyncio.gather(*map(scheduler.draw, orders))
    assert isinstance(first, Picture)
    assert isinstance(third, Picture)
    assert isinstance(wrong, Refusal)
    assert wrong.code == "model_fault"


async def test_a_rare_adapter_waits_for_its_bound_beside_others_that_never_end() -> None:
    diary = Diary(held=True)
    scheduler = StepScheduler(diary)

    async def crowd(number: int) -> None:
        for turn in range(12):
            await scheduler.draw(replace(ORDER, seed=100 * number + turn, adapter="common"))

    crowds = [asyncio.create_task(crowd(number)) for number in range(1, 9)]
    await until(diary, 1, scheduler, ready=8)
    rare = asyncio.create_task(scheduler.draw(replace(ORDER, seed=7, adapter="rare")))
    for step in range(1, BOUND + 2):  # whoever has ended is back before the next step ends
        await until(diary, step, scheduler, ready=9)
        diary.let(1)
    diary.let(EVERY)
    await asyncio.gather(rare, *crowds)
    assert diary.seeds.index([7]) == BOUND, diary.seeds


async def test_who_is_watched_goes_before_a_catalogue() -> None:
    diary = Diary(held=True)
    scheduler = StepScheduler(diary)
    catalogue = [asyncio.create_task(scheduler.draw(replace(ORDER, seed=seed))) for seed in range(10, 34)]
    await until(diary, 1, scheduler, ready=24)
    watched = asyncio.create_task(scheduler.draw(replace(ORDER, seed=7, width=128), Watch(lambda _: None)))
    await until(diary, 1, scheduler, ready=25)
    diary.let(EVERY)
    await asyncio.gather(watched, *catalogue)
    assert [7 in seeds for seeds in diary.seeds[:6]] == [False, True, True, True, True, False], diary.seeds


@pytest.mark.parametrize("previews", [0, 1, 3, 9])
async def test_a_watcher_hears_every_step_and_its_previews(previews: int) -> None:
    heard: list[Step | Preview] = []
    await StepScheduler(Diary()).draw(ORDER, Watch(heard.append, previews))
    assert [said for said in heard if isinstance(said, Step)] == [Step(done, 4) for done in (1, 2, 3, 4)]
    shown = [said for said in heard if isinstance(said, Preview)]
    assert len(shown) == min(previews, 3), "after the last step comes the picture"
    assert all(said.jpeg.startswith(b"\xff\xd8\xff") for said in shown)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(1, 4), st.booleans()), min_size=1, max_size=24
    )
)
@settings(max_examples=40, deadline=None)
def test_one_adapter_is_active_at_a_time_and_everybody_is_answered(traffic: list[tuple[str | None, int, bool]]) -> None:
    async def run() -> tuple[Diary, list[Any]]:
        diary = Diary()
        scheduler = StepScheduler(diary)
        tasks = []
        for seed, (adapter, steps, leaves) in enumerate(traffic):
            order = replace(ORDER, seed=seed, adapter=adapter, steps=steps)
            tasks.append(asyncio.create_task(scheduler.draw(order)))
            await asyncio.sleep(0)
            if leaves:
                tasks[-1].cancel()
        return diary, await asyncio.gather(*tasks, return_exceptions=True)

    diary, outcomes = asyncio.run(run())
    assert not diary.overlapped
    for (adapter, steps, leaves), seed, outcome in zip(traffic, range(len(traffic)), outcomes, strict=True):
        taken = sum(seed in seeds for _, seeds in diary.steps)
        assert isinstance(outcome, asyncio.CancelledError if leaves else Picture), (adapter, outcome)
        assert taken <= steps if leaves else taken == steps
    assert all(len(seeds) <= Diary.together for _, seeds in diary.steps)


async def test_who_leaves_while_its_prompt_is_encoded_lets_nobody_in_beside_it() -> None:
    inside, most = 0, 0

    class Slow(Diary):
        def begin(self, order: RenderOrder) -> Sketch | Refusal:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            time.sleep(0.02)
            inside -= 1
            return super().begin(order)

    scheduler = StepScheduler(Slow())
    for seed in range(6):
        left = asyncio.create_task(scheduler.draw(replace(ORDER, seed=seed)))
        await asyncio.sleep(0.005)
        left.cancel()
    assert isinstance(await scheduler.draw(ORDER), Picture)
    assert most == 1
