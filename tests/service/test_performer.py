"""The same order is performed once, whoever asks and whenever."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from bench import SHIRT, Bench

from serve_app.catalogue.listing import Listing
from serve_app.conductor.performer import Asked, Performer
from serve_app.conductor.stages import Owner
from serve_app.jobs.store import Store
from serve_app.stories.article import Options

HEMD = Listing(**SHIRT)
OPTIONS = Options(run_seed=1, candidates=2, cascade=False, pictures=2)
OWNER = Owner("local", "job_1")


async def test_the_picture_of_a_record_is_in_the_store(performer: Performer) -> None:
    (record,) = await performer.article(OWNER, HEMD, OPTIONS)
    assert record.status == "succeeded", record
    assert record.sha256 is not None
    png = await performer.store.picture("local", record.sha256)
    assert png is not None
    assert png.startswith(b"\x89PNG")


async def test_identical_orders_in_flight_render_once(performer: Performer, bench: Bench) -> None:
    answers = await asyncio.gather(*(performer.article(OWNER, HEMD, OPTIONS) for _ in range(8)))
    assert len(bench.rendered) == OPTIONS.candidates
    assert len({records[0].sha256 for records in answers}) == 1


async def test_a_finished_order_is_answered_from_the_store(performer: Performer, bench: Bench) -> None:
    first = await performer.article(OWNER, HEMD, OPTIONS)
    again = await performer.article(OWNER, HEMD, OPTIONS)
    assert len(bench.rendered) == OPTIONS.candidates
    assert again[0].sha256 == first[0].sha256


async def test_a_restarted_service_does_not_render_again(bench: Bench, tmp_path: Path) -> None:
    for _ in range(2):
        async with Store.open(tmp_path) as store:
            await Performer(bench.steps(), bench.fleet(), store).article(OWNER, HEMD, OPTIONS)
    assert len(bench.rendered) == OPTIONS.candidates


async def test_a_client_that_leaves_does_not_stop_the_others(performer: Performer) -> None:
    leaver = asyncio.create_task(performer.article(OWNER, HEMD, OPTIONS))
    stayer = asyncio.create_task(performer.article(OWNER, HEMD, OPTIONS))
    await asyncio.sleep(0)
    leaver.cancel()
    (record,) = await stayer
    assert record.status == "succeeded"


@pytest.mark.parametrize("other", [Options(run_seed=2, candidates=2), Options(run_seed=1, candidates=3)])
async def test_other_options_are_another_order(other: Options, bench: Bench) -> None:
    models = await bench.fleet().about()
    assert Asked(OWNER, HEMD, other, models).key != Asked(OWNER, HEMD, OPTIONS, models).key


async def test_another_model_is_another_order(bench: Bench) -> None:
    reseeded = Bench(renderer={"seed": 9})
    models = [await each.fleet().about() for each in (bench, reseeded)]
    assert len({Asked(OWNER, HEMD, OPTIONS, each).key for each in models}) == 2


async def test_another_tenant_does_its_own_work(performer: Performer, bench: Bench) -> None:
    for tenant in ("a", "b"):
        await performer.article(Owner(tenant, "job_1"), HEMD, OPTIONS)
    assert len(bench.rendered) == 2 * OPTIONS.candidates


async def test_a_stage_that_was_finished_is_not_repeated_after_a_crash(bench: Bench, tmp_path: Path) -> None:
    """The first process dies between the pictures and the record."""
    async with Store.open(tmp_path) as store:
        dying = Performer(bench.steps(), bench.fleet(), store)
        dying._delivered = None  # type: ignore[method-assign,assignment]
        with pytest.raises(TypeError):
            await dying.article(OWNER, HEMD, OPTIONS)
        await dying.keeper.settled()
    again = Bench()
    async with Store.open(tmp_path) as store:
        (record,) = await Performer(again.steps(), again.fleet(), store).article(OWNER, HEMD, OPTIONS)
    assert record.status == "succeeded"
    assert len(bench.rendered) == OPTIONS.candidates
    assert again.rendered == []


async def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    broken = Bench(renderer={"refuse": "photo"})
    async with Store.open(tmp_path) as store:
        performer = Performer(broken.steps(), broken.fleet(), store)
        (record,) = await performer.article(OWNER, HEMD, OPTIONS)
        assert record.status == "failed", record
        await performer.article(OWNER, HEMD, OPTIONS)
    assert len(broken.rendered) == 2 * OPTIONS.candidates


async def test_a_stages_picture_that_a_power_cut_spoilt_is_drawn_again(bench: Bench, tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        first = Performer(bench.steps(), bench.fleet(), store)
        await first.article(OWNER, HEMD, OPTIONS)
        await first.keeper.settled()
    for file in (tmp_path / "objects").rglob("*.png"):
        file.write_bytes(b"")
    again = Bench()
    async with Store.open(tmp_path) as store:
        (record,) = await Performer(again.steps(), again.fleet(), store).article(
            OWNER, HEMD, replace(OPTIONS, policy="skip")
        )
    assert record.status == "succeeded"
    assert len(again.rendered) == OPTIONS.candidates
