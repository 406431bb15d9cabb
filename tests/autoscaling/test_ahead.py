"""What a conductor knows of the calls that its jobs will still make."""

import asyncio
from dataclasses import fields
from typing import Any

from serve_app.conductor.ahead import ROLES, Ahead
from serve_app.stories.steps import Steps


def counted(ahead: Ahead, until: asyncio.Event | None = None) -> Steps:
    async def answer(*_: Any) -> Any:
        if until is not None:
            await until.wait()

    return ahead.counted(Steps(**{step.name: answer for step in fields(Steps)}))


async def article(steps: Steps, pictures: int) -> None:
    order: Any = None
    await steps.translate(order)
    for _ in range(pictures):
        await steps.render(order)
        await asyncio.gather(steps.score(order), steps.segment(order))


async def test_jobs_in_work_have_ahead_what_jobs_before_them_have_asked() -> None:
    ahead = Ahead()
    with ahead.trip("interactive"):
        await article(counted(ahead), pictures=2)
    with ahead.trip("interactive"):
        await counted(ahead).translate("")
        told = ahead.stats()
    assert (told["interactive.translator.ahead"], told["interactive.renderer.ahead"]) == (0.0, 2.0)
    assert told["interactive.working"] == 1.0
    assert ahead.stats()["interactive.renderer.ahead"] == 0.0


async def test_lanes_are_learnt_apart() -> None:
    ahead = Ahead()
    with ahead.trip("catalogue"):
        await article(counted(ahead), pictures=1)
    assert ahead.stats()["catalogue.renderer.per_job"] == 1.0
    assert "interactive.renderer.per_job" not in ahead.stats()


async def test_calls_without_an_answer_are_counted_until_it_comes_or_nobody_waits() -> None:
    ahead, never = Ahead(), asyncio.Event()

    async def job() -> None:
        with ahead.trip("catalogue"):
            await article(counted(ahead, never), pictures=1)

    task = asyncio.create_task(job())
    await asyncio.sleep(0.01)
    assert ahead.stats()["catalogue.translator.asked"] == 1.0
    task.cancel()
    await asyncio.wait([task])
    told = ahead.stats()
    assert (told["catalogue.translator.asked"], told["catalogue.working"]) == (0.0, 0.0)
    assert "catalogue.translator.per_job" not in told, "who was called off teaches nothing"


async def test_work_that_a_job_begins_beside_itself_is_the_jobs() -> None:
    ahead = Ahead()
    with ahead.trip("interactive"):
        await asyncio.create_task(article(counted(ahead), pictures=3))
    assert ahead.stats()["interactive.renderer.per_job"] == 3.0


async def test_calls_of_no_job_are_left_out() -> None:
    ahead = Ahead()
    await article(counted(ahead), pictures=1)
    assert ahead.stats()["interactive.working"] == 0.0
    assert not any(name.endswith(".asked") for name in ahead.stats())


def test_every_stage_has_its_role() -> None:
    assert ROLES.keys() == {step.name for step in fields(Steps)}
