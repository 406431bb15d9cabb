"""Every arrangement of the stages does the same work: that of the peers, and that of each row of the ladder."""

import asyncio
import base64
import random
from collections.abc import Sequence
from typing import Any

import pytest

from loadtests.cpu_suite.ladder import ROWS, FirstCome, Row, asking, steps_of
from loadtests.peers.arrangements import Together, in_batches, in_threads, one_by_one
from loadtests.peers.stages import Models, answered, picture_order
from loadtests.traffic import Request, picture

DOUBLE = {"kind": "double"}
SHIRT = {"name": "Herren-Hemd", "description": "Freizeithemd aus Baumwolle, langarm", "model_descr": "rot kariert"}
OPTIONS = {
    "seed": 3, "candidates": 2, "cascade": False, "pictures": 2, "size": 128, "policy": "neutral", "adapter": None,
}  # fmt: skip
BODY = SHIRT | {"options": OPTIONS}
ROLES = ("translator", "extractor", "renderer", "scorer", "segmenter")


@pytest.fixture
def models() -> Models:
    return Models.of(dict.fromkeys(ROLES, DOUBLE))


async def test_all_arrangements_of_the_peers_give_the_same_picture(models: Models) -> None:
    pictures = set()
    for arrangement in (one_by_one, in_threads, in_batches):
        answer = await answered(BODY, arrangement(models.batched), models.facts)
        assert answer["status"] == "succeeded", answer
        pictures.add(answer["png"])
    assert len(pictures) == 1
    assert base64.b64decode(pictures.pop()).startswith(b"\x89PNG")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_every_row_of_the_ladder_answers_and_whoever_leaves_is_gone(row: Row, models: Models) -> None:
    async with asking(row, models) as ask:
        stays = [Request(0.0, "draft", SHIRT | {"options": OPTIONS | {"seed": seed}}) for seed in range(3)]
        assert await asyncio.gather(*map(ask, stays)) == ["ok"] * 3
        assert await ask(Request(0.0, "draft", SHIRT | {"options": OPTIONS | {"seed": 9}}, 0.0)) == "left"


async def test_only_the_last_row_draws_a_repeated_article_once(models: Models) -> None:
    drawn = []
    for row in (ROWS[-2], ROWS[-1]):
        before = models.renderer.swaps.orders
        async with asking(row, models) as ask:
            request = Request(0.0, "draft", BODY)
            assert [await ask(request) for _ in range(3)] == ["ok"] * 3
        drawn.append(models.renderer.swaps.orders - before)
    assert drawn == [3 * OPTIONS["candidates"], OPTIONS["candidates"]]


async def test_all_rows_of_the_ladder_draw_the_same_pixels(models: Models) -> None:
    order = picture_order(picture((64, 3), None, random.Random(1)))
    drawn = [await steps_of(row, models).render(order) for row in ROWS]
    assert all(one.pixels.tobytes() == drawn[0].pixels.tobytes() for one in drawn)


class Way:
    def __init__(self, group: str) -> None:
        self.way = self
        self.group = group


def test_first_come_follows_the_first_and_takes_only_its_group() -> None:
    ready = [Way(group) for group in "abaab"]
    assert [one.group for one in FirstCome(2).next(ready)] == ["a", "a"]
    assert FirstCome(2).next(ready)[0] is ready[0]


async def test_what_asks_while_a_batch_is_at_work_becomes_the_next_one() -> None:
    batches: list[int] = []
    busy = asyncio.Event()
    loop = asyncio.get_running_loop()

    def run(items: Sequence[int]) -> Sequence[int]:
        batches.append(len(items))
        asyncio.run_coroutine_threadsafe(busy.wait(), loop).result()
        return [10 * item for item in items]

    gather = Together[int, int](run, most=4)
    first = asyncio.create_task(gather(0))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(gather(item)) for item in range(1, 8)]
    await asyncio.sleep(0.01)
    busy.set()
    assert await asyncio.gather(first, *others) == [10 * item for item in range(8)]
    assert batches == [1, 4, 3]


def test_an_adapter_that_comes_in_place_is_a_change_and_none_is_not(models: Models) -> None:
    def order(adapter: str | None) -> Any:
        return picture_order(picture((64, 1), adapter, random.Random(1)))

    for adapter in ("a", "a", None, "a", "b", "a"):
        models.renderer.render([order(adapter)])
    assert (models.renderer.swaps.changed, models.renderer.swaps.orders) == (3, 6)
