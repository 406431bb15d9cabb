"""What a picture reads is remembered as every stage's answer is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from bench import Bench

from models.domain import Picture, ReadOrder, Refusal, TextLine
from serve_app.conductor.stages import Keeper, Owner, Remembered
from serve_app.jobs.store import Store

ORDER = ReadOrder(Picture(np.full((32, 64, 3), 200, np.uint8)), ((0, 0, 64, 16),))
SAID = (TextLine("HAPPY DAYS", 0.91, (0, 0, 64, 16)),)
OWNER = Owner("local", "job_1")


async def test_the_same_picture_is_read_once(tmp_path: Path) -> None:
    asked: list[ReadOrder] = []

    async def read(order: ReadOrder) -> tuple[TextLine, ...] | Refusal:
        asked.append(order)
        return SAID

    async with Store.open(tmp_path) as store:
        keeper = Keeper(store)
        steps = Remembered(replace(Bench().steps(), read=read), keeper, OWNER, {"reader": "r1"}).steps()
        assert await steps.read(ORDER) == SAID
        await keeper.settled()
        assert await steps.read(ORDER) == SAID
        assert len(asked) == 1
        other = replace(ORDER, lines=((0, 8, 64, 24),))
        await steps.read(other)
        assert len(asked) == 2, "other lines are another question"


async def test_where_nothing_reads_the_answer_says_so(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        outcome = await Remembered(Bench().steps(), Keeper(store), OWNER, {}).steps().read(ORDER)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no_reader"
