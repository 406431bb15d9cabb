"""The same order is performed once, whoever asks and whenever."""

import asyncio
from pathlib import Path

import pytest
from bench import SHIRT, Bench

from serve_app.catalogue.listing import Listing
from serve_app.conductor import Conductor, order_key
from serve_app.jobs.store import Store
from serve_app.stories.article import Options

HEMD = Listing(**SHIRT)
OPTIONS = Options(run_seed=1, candidates=2)


async def test_the_picture_of_a_record_is_in_the_store(conductor: Conductor) -> None:
    (record,) = await conductor.article(HEMD, OPTIONS)
    assert record.status == "succeeded", record
    assert record.sha256 is not None
    png = await conductor.store.picture(record.sha256)
    assert png is not None
    assert png.startswith(b"\x89PNG")


async def test_identical_orders_in_flight_render_once(conductor: Conductor, bench: Bench) -> None:
    answers = await asyncio.gather(*(conductor.article(HEMD, OPTIONS) for _ in range(8)))
    assert len(bench.rendered) == OPTIONS.candidates
    assert len({records[0].sha256 for records in answers}) == 1


async def test_a_finished_order_is_answered_from_the_store(conductor: Conductor, bench: Bench) -> None:
    first = await conductor.article(HEMD, OPTIONS)
    again = await conductor.article(HEMD, OPTIONS)
    assert len(bench.rendered) == OPTIONS.candidates
    assert again[0].sha256 == first[0].sha256


async def test_a_restarted_service_does_not_render_again(bench: Bench, tmp_path: Path) -> None:
    for _ in range(2):
        async with Store.open(tmp_path) as store:
            await Conductor(bench.steps(), bench.fleet(), store).article(HEMD, OPTIONS)
    assert len(bench.rendered) == OPTIONS.candidates


async def test_a_client_that_leaves_does_not_stop_the_others(conductor: Conductor) -> None:
    leaver = asyncio.create_task(conductor.article(HEMD, OPTIONS))
    stayer = asyncio.create_task(conductor.article(HEMD, OPTIONS))
    await asyncio.sleep(0)
    leaver.cancel()
    (record,) = await stayer
    assert record.status == "succeeded"


@pytest.mark.parametrize("other", [Options(run_seed=2, candidates=2), Options(run_seed=1, candidates=3)])
async def test_other_options_are_another_order(other: Options, bench: Bench) -> None:
    models = await bench.fleet().about()
    assert order_key(HEMD, other, models) != order_key(HEMD, OPTIONS, models)


async def test_another_model_is_another_order(bench: Bench) -> None:
    reseeded = Bench(renderer={"seed": 9})
    assert order_key(HEMD, OPTIONS, await reseeded.fleet().about()) != order_key(
        HEMD, OPTIONS, await bench.fleet().about()
    )


async def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    broken = Bench(renderer={"refuse": "photo"})
    async with Store.open(tmp_path) as store:
        conductor = Conductor(broken.steps(), broken.fleet(), store)
        (record,) = await conductor.article(HEMD, OPTIONS)
        assert record.status == "failed", record
        await conductor.article(HEMD, OPTIONS)
    assert len(broken.rendered) == 2 * OPTIONS.candidates
