"""Decoding beside the steps of a scheduler: the order, the hurry, and that nobody is forgotten."""

import asyncio
import os
import random
import threading
import time
from collections.abc import Sequence

import pytest

from models.domain import Picture, RenderOrder
from models.doubles.trouble import Trouble
from models.doubles.vision import Draughtsman, Sketch
from models.roles import Threads
from models.step_scheduler import StepScheduler

DECODES_S = 0.02


class SlowDecoder(Draughtsman):
    """Takes longer to decode than to denoise; keeps whose pictures were decoded, and how many at once."""

    def __init__(self, decoders: int) -> None:
        super().__init__(Trouble(0.0))
        self.threads = Threads(decoders)
        self.decoded: list[int] = []
        self.steps: list[int] = []  # pictures in each
        self.at_once = self.most = 0
        self._counted = threading.Lock()

    def step(self, together: Sequence[Sketch]) -> None:
        super().step(together)
        self.steps.append(len(together))

    def finish(self, together: Sequence[Sketch]) -> list[Picture]:
        with self._counted:
            self.decoded += [one.order.seed for one in together]
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(DECODES_S)
        with self._counted:
            self.at_once -= 1
        return super().finish(together)


def order(seed: int, side: int = 64) -> RenderOrder:
    return RenderOrder("a navy shirt", seed=seed, width=side, height=side)


@pytest.mark.parametrize("decoders", [1, 2])
async def test_everybody_who_stays_is_answered_whoever_leaves(decoders: int) -> None:
    rng, renderer = random.Random(decoders), SlowDecoder(decoders)
    scheduler = StepScheduler(renderer)
    drawing = []
    for seed in range(80):
        drawing.append(asyncio.create_task(scheduler.draw(order(seed, rng.choice((32, 64))))))
        await asyncio.sleep(rng.uniform(0.0, 0.02))
        if rng.random() < 0.3:
            rng.choice(drawing).cancel()
    async with asyncio.timeout(30):
        answers = await asyncio.gather(*drawing, return_exceptions=True)
    assert all(isinstance(answer, Picture | asyncio.CancelledError) for answer in answers), answers
    assert sum(isinstance(answer, Picture) for answer in answers) > 40
    assert renderer.most == decoders


async def test_a_draft_is_decoded_before_the_finals_that_wait() -> None:
    renderer = SlowDecoder(1)
    scheduler = StepScheduler(renderer)
    finals = [asyncio.create_task(scheduler.draw(order(seed, 128))) for seed in range(4)]
    while not renderer.decoded:
        await asyncio.sleep(0.001)
    await scheduler.draw(order(99))
    await asyncio.gather(*finals)
    assert renderer.decoded.index(99) <= 2, renderer.decoded


async def test_while_decoding_lags_behind_steps_gather_company() -> None:
    renderer = SlowDecoder(1)
    scheduler = StepScheduler(renderer)
    drawing = []
    for seed in range(24):
        drawing.append(asyncio.create_task(scheduler.draw(order(seed))))
        await asyncio.sleep(DECODES_S / 4)  # four times as fast as they are decoded
    await asyncio.gather(*drawing)
    assert sum(renderer.steps) / len(renderer.steps) > 2, renderer.steps


async def test_a_step_is_as_nice_as_its_renderer_says() -> None:
    seen = []

    class Observed(SlowDecoder):
        def step(self, together: Sequence[Sketch]) -> None:
            seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            super().step(together)

    renderer = Observed(1)
    renderer.threads = Threads(1, nice=3)
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    await StepScheduler(renderer).draw(order(1))
    assert set(seen) == {min(mine + 3, 19)}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == mine
