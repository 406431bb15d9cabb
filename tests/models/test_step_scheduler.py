"""The step scheduler over a double that keeps a diary of what was on the device."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from models.domain import Picture, Preview, Refusal, RenderOrder, Step, Watch, WeightedAdapter
from models.doubles.trouble import Trouble
from models.doubles.vision import Draughtsman, Sketch
from models.step_scheduler import StepScheduler
from models.turns import BOUND

EVERY = 10**6  # more steps than any test takes
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
            await scheduler.draw(replace(ORDER, seed=100 * number + turn, adapters=(WeightedAdapter("common"),)))

    crowds = [asyncio.create_task(crowd(number)) for number in range(1, 9)]
    await until(diary, 1, scheduler, ready=8)
    rare = asyncio.create_task(scheduler.draw(replace(ORDER, seed=7, adapters=(WeightedAdapter("rare"),))))
    bound = 1 + BOUND * 4  # the step that was under way when it came; then four times its own
    for step in range(1, bound + 2):  # whoever has ended is back before the next step ends
        await until(diary, step, scheduler, ready=9)
        diary.let(1)
    diary.let(EVERY)
    await asyncio.gather(rare, *crowds)
    assert diary.seeds.index([7]) == bound, diary.seeds


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


async def test_a_picture_carries_its_share_of_the_device() -> None:
    """Two that take every step together share it, so that what all carry is not more than the device was in use."""
    began = time.perf_counter()
    scheduler = StepScheduler(Draughtsman(Trouble(0.02)))
    drawn = await asyncio.gather(*(scheduler.draw(replace(ORDER, seed=seed)) for seed in range(2)))
    assert all(isinstance(one, Picture) and one.device_s > 0 for one in drawn)
    assert sum(one.device_s for one in drawn if isinstance(one, Picture)) <= 1.5 * (time.perf_counter() - began)


async def test_who_is_not_done_in_time_leaves_before_the_next_step() -> None:
    diary = Diary(held=True)
    scheduler = StepScheduler(diary)
    hurried = asyncio.create_task(scheduler.draw(ORDER, within_s=0.5))
    await until(diary, 1, scheduler, ready=1)
    assert await hurried == Refusal("deadline", "the picture was not done within 0.5 s; ask again with more time")
    diary.let(EVERY)
    assert isinstance(await scheduler.draw(replace(ORDER, seed=2)), Picture)
    assert diary.seeds == [[1], [2], [2], [2], [2]], "none but the step that was under way"


async def test_ten_thousand_steps_of_random_traffic_have_one_adapter_set_each_and_answer_everybody() -> None:
    diary, rng = Diary(), random.Random(11)
    scheduler = StepScheduler(diary)
    sets = [(), *[(WeightedAdapter(name, weight),) for name in "abc" for weight in (0.5, 1.0)]]
    sets.append((WeightedAdapter("a"), WeightedAdapter("b")))
    taken: Counter[int] = Counter()

    async def customer(first: int) -> None:
        for seed in range(first, first + 10**6):
            if len(diary.steps) >= 10_000:
                return
            side, steps = rng.choice((8, 16)), rng.randint(1, 6)
            order = replace(ORDER, seed=seed, adapters=rng.choice(sets), steps=steps, width=side, height=side)
            leaves = rng.random() < 0.1
            drawn = await scheduler.draw(order, within_s=rng.uniform(0.0, 0.005) if leaves else None)
            taken[seed] = steps
            assert isinstance(drawn, Picture) or (leaves and drawn.code == "deadline"), drawn

    await asyncio.gather(*(customer(number * 10**6) for number in range(24)))
    assert not diary.overlapped
    assert len(diary.steps) >= 10_000  # of each the diary has seen that it holds one group
    per_seed = Counter(seed for seeds in diary.seeds for seed in seeds)
    assert all(per_seed[seed] <= steps for seed, steps in taken.items())
    assert scheduler.work.steps == len(diary.steps)
    assert scheduler.work.places == sum(map(len, diary.seeds))
    adapters = [group[0] for group, _ in diary.steps if group[0]]
    assert scheduler.work.swaps == 1 + sum(one != other for one, other in pairwise(adapters))


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
