"""Both clients against the real application over doubles: jobs, batches, articles, webhooks, keys."""

import asyncio
import csv
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from bench import ROLES, SHIRT, Bench
from in_process import serving
from over_http import over_http
from sqlalchemy import select

from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment
from serve_app.access.keys import Keys
from serve_app.api.app import create_app
from serve_app.api.service import Service
from serve_app.catalogue.finishing import png
from serve_app.client import (
    AsyncVitrine,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    ServiceError,
    UnauthorizedError,
    Vitrine,
)
from serve_app.client.answers import OVER
from serve_app.jobs import job as jobs
from serve_app.jobs.database import EVERYONE
from serve_app.jobs.schema import endpoints
from serve_app.outbound import Outbound

ARTICLES = Path(__file__).parents[2] / "examples" / "articles.csv"
ONE: dict[str, Any] = {"candidates": 1}
STAGES = {"translate", "extract", "render", "score", "segment"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet()) as running:
        yield running


def client_of(service: Service, key: str | None = None, retries: int = 2) -> AsyncVitrine:
    transport = httpx.ASGITransport(create_app(service), raise_app_exceptions=False)
    return AsyncVitrine("http://vitrine", key, max_retries=retries, transport=transport)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[AsyncVitrine]:
    async with client_of(service) as made:
        yield made


def test_the_client_knows_all_states_in_which_a_job_is_over() -> None:
    assert set(jobs.OVER) == OVER


async def test_a_job_is_followed_to_its_end_and_its_picture_is_there(client: AsyncVitrine) -> None:
    job = await client.jobs.create(SHIRT, ONE)
    told = [event async for event in client.jobs.events(job.id)]
    assert {event.data["stage"] for event in told if event.kind == "stage"} == STAGES
    done = await client.jobs.get(job.id)
    (article,) = done.articles
    assert told[-1].data == done.raw
    assert (done.state, article.status) == ("succeeded", "succeeded")
    assert article.picture_url is not None
    assert await client.pictures.get(article.picture_url) == await client.pictures.get(article.sha256 or "")
    assert (await client.articles.get(article.article_id)).sha256 == article.sha256


async def test_create_and_wait_gives_the_end_whatever_it_is(client: AsyncVitrine) -> None:
    assert (await client.jobs.create_and_wait(SHIRT, ONE)).state == "succeeded"
    asked = await client.jobs.create_and_wait({"name": "Herren-Hemd", "description": "Freizeithemd, langarm"})
    assert (asked.state, asked.articles[0].question is not None) == ("awaiting_answer", True)
    assert [job.state async for job in client.jobs.list(state="succeeded")] == ["succeeded"]
    await client.jobs.answer(asked.id, {"colours": "navy"})
    told = [event.kind async for event in client.jobs.events(asked.id)]
    assert ("awaiting_answer" in told, told[-1]) == (True, "succeeded")
    with pytest.raises(ConflictError, match="awaits an answer"):
        await client.jobs.answer(asked.id, {"colours": "navy"})


async def test_a_call_that_is_sent_twice_with_one_key_is_one_job(client: AsyncVitrine) -> None:
    first, second = [await client.jobs.create(SHIRT, ONE, idempotency_key="row 12") for _ in range(2)]
    assert first.id == second.id
    with pytest.raises(InvalidRequestError) as reused:
        await client.jobs.create(SHIRT, {"candidates": 2}, idempotency_key="row 12")
    assert reused.value.code == "idempotency_key_reused"


async def allowed(self: Outbound, url: str) -> None: ...


class Losing(httpx.ASGITransport):
    """Does what is asked and loses the first answer to each POST."""

    lost: str | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if request.method == "POST" and self.lost != request.url.path:
            self.lost = request.url.path
            raise httpx.ReadError("reset")
        return answer


async def test_a_lost_answer_makes_no_second_job_webhook_or_secret(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outbound, "check", allowed)
    async with AsyncVitrine("http://vitrine", transport=Losing(create_app(service))) as client:
        job = await client.jobs.create(SHIRT, ONE)
        assert [found.id async for found in client.jobs.list()] == [job.id]
        hook = await client.webhooks.create("https://shop.example/hooks")
        assert [found.id for found in await client.webhooks.list()] == [hook.id]
        await client.webhooks.rotate(hook.id)
    async with service.store.database.reading(EVERYONE) as connection:
        (held,) = (await connection.execute(select(endpoints.c.secrets))).scalars()
    assert len(held) == 2, "the first one and its successor"


async def test_a_sheet_becomes_rows_and_a_result(client: AsyncVitrine, tmp_path: Path) -> None:
    batch = await client.batches.create(ARTICLES, {**ONE, "policy": "skip"})
    done = await client.batches.wait(batch.id, 120.0)
    rows = [row async for row in client.batches.rows(batch.id)]
    assert (done.state, done.done, done.total) == ("finished", len(rows), len(rows))
    path = await client.batches.result(batch.id, tmp_path / "result.csv")
    table = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert [int(line["row"]) for line in table] == [row.row for row in rows]
    assert [found.id async for found in client.batches.list()] == [batch.id]


async def test_a_batch_is_paused_resumed_and_cancelled(client: AsyncVitrine) -> None:
    lines = ["name,description,model_name,model_descr", *(f"Hemd {number},Freizeithemd,,rot" for number in range(200))]
    batch = (await client.batches.create("\n".join(lines).encode(), ONE, name="feed.csv")).id
    assert (await client.batches.pause(batch)).state == "paused"
    assert (await client.batches.resume(batch)).state == "running"
    await client.batches.cancel(batch)
    assert (await client.batches.wait(batch, 60.0)).state == "canceled"


async def test_an_unusable_listing_is_a_record_and_a_wrong_option_an_error(client: AsyncVitrine) -> None:
    assert (await client.articles.create({"name": ""})).status == "rejected"
    with pytest.raises(InvalidRequestError) as wrong:
        await client.articles.create(SHIRT, {"candidates": 99})
    assert (wrong.value.status, wrong.value.param) == (422, "options.candidates")
    with pytest.raises(NotFoundError, match="there is no job"):
        await client.jobs.get("job_" + "0" * 26)


async def test_a_running_job_is_cancelled(tmp_path: Path) -> None:
    slow = Bench(renderer={"delay_s": 20.0})
    async with serving(tmp_path, slow.steps(), slow.fleet()) as service, client_of(service) as client:
        job = await client.jobs.create(SHIRT, ONE)
        while not slow.rendered:
            await asyncio.sleep(0.02)
        await client.jobs.cancel(job.id)
        assert (await client.jobs.wait(job.id, 30.0)).state == "canceled"


async def test_a_model_that_fails_is_a_record_that_says_so(tmp_path: Path) -> None:
    broken = Bench(renderer={"refuse": "red"})
    async with serving(tmp_path, broken.steps(), broken.fleet()) as service, client_of(service) as client:
        assert (await client.articles.create(SHIRT, ONE)).failure is not None
        (job,) = [job async for job in client.jobs.list()]
        assert job.state == "failed"


async def test_keys_open_what_their_scopes_say(service: Service) -> None:
    _, secret = await Keys(service.store.database).create("shop", "viewer", ["jobs:read"])
    async with (
        client_of(service) as nobody,
        client_of(service, "vk_wrong") as stranger,
        client_of(service, secret) as me,
    ):
        for client in (nobody, stranger):
            with pytest.raises(UnauthorizedError):
                await client.models()
        assert [job async for job in me.jobs.list()] == []
        with pytest.raises(ForbiddenError, match="jobs:write"):
            await me.jobs.create(SHIRT)


async def test_webhooks_are_made_rotated_and_forgotten(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outbound, "check", allowed)
    async with client_of(service) as client:
        made = await client.webhooks.create("https://shop.example/hooks", ["job.succeeded"])
        rotated = await client.webhooks.rotate(made.id)
        assert made.secret != rotated.secret
        assert made.secret is not None
        assert made.secret not in repr(made)
        (listed,) = await client.webhooks.list()
        assert (listed.id, listed.secret, listed.events) == (made.id, None, ["job.succeeded"])
        assert await client.webhooks.get(made.id) == await client.webhooks.enable(made.id)
        await client.webhooks.delete(made.id)
        assert await client.webhooks.list() == []


async def test_a_service_that_is_not_ready_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    async with serving(tmp_path, bench.steps(), bench.fleet()) as service, client_of(service, None, 0) as client:
        assert await client.health() == {"status": "ok"}
        assert len(await client.models()) == len(ROLES)

        async def silent() -> dict[str, str]:
            return {"renderer": "the renderer does not answer"}

        monkeypatch.setattr(service.conductor, "silent", silent)
        with pytest.raises(ServiceError, match="the renderer does not answer"):
            await client.health()


def test_the_blocking_client_does_the_same_over_a_socket(tmp_path: Path) -> None:
    with over_http(tmp_path) as url, Vitrine(url) as client:
        job = client.jobs.create(SHIRT, ONE)
        told = list(client.jobs.events(job.id))
        assert (told[-1].kind, told[-1].data) == ("succeeded", client.jobs.get(job.id).raw)
        again = client.jobs.create_and_wait(SHIRT, ONE)
        assert client.pictures.get(again.articles[0].sha256 or "").startswith(b"\x89PNG")
        batch = client.batches.wait(client.batches.create(ARTICLES, ONE).id, 120.0)
        lines = client.batches.result(batch.id, tmp_path / "result.jsonl").read_text("utf-8").splitlines()
        assert [json.loads(line)["row"] for line in lines] == [row.row for row in client.batches.rows(batch.id)]
        assert {job.batch for job in client.jobs.list()} == {None, batch.id}
        assert client.articles.create(SHIRT, ONE).sha256 == again.articles[0].sha256
        assert client.health() == {"status": "ok"}


def test_a_picture_of_ones_own_is_finished_checked_and_verified(tmp_path: Path) -> None:
    drawing = draw(Garment("men", "hoodie", "red"), np.random.default_rng(2), 512)
    with over_http(tmp_path) as url, Vitrine(url) as client:
        picture = png(drawing.picture.pixels)
        assert [each["rule"] for each in client.files.check(picture, "zalando").failed]
        made = client.files.finish(picture, "zalando")
        shown = client.pictures.get(made.url)
        assert (hashlib.sha256(shown).hexdigest(), len(shown)) == (made.sha256, made.bytes)
        again = client.files.check(shown, "zalando")
        assert [each["rule"] for each in again.failed] == [
            each["rule"] for each in made.rulings if (each["level"], each["state"]) == ("required", "fail")
        ]
        assert client.files.verify(shown).sha256 == made.sha256
        with pytest.raises(InvalidRequestError, match="profile"):
            client.files.check(picture, "fleamarket")
