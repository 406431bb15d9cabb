"""A run waits for a busy service, gives up on an absent one, and takes whatever record an article has."""

import httpx
import pytest

from serve_app.client import AsyncVitrine, ServiceError, UnreachableError
from serve_app.runs.run import records_of, service

LISTING = {"name": "Hemd", "description": "", "model_name": "", "model_descr": ""}
DRAWN = {"article_id": "a", "status": "succeeded"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.client.retries.FIRST_PAUSE_S", 0.0001)
    monkeypatch.setattr("serve_app.client.retries.LONGEST_PAUSE_S", 0.001)


def answering(*answers: httpx.Response | Exception) -> tuple[AsyncVitrine, list[httpx.Request]]:
    """A run's client whose service gives these answers, the last one for ever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(request)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    return service("http://vitrine", transport=httpx.MockTransport(answer)), asked


async def test_an_absent_service_is_unreachable_after_six_tries() -> None:
    client, asked = answering(httpx.ConnectError("refused"))
    async with client:
        with pytest.raises(UnreachableError, match=r"no answer from http://vitrine \(ConnectError\)"):
            await client.health()
    assert len(asked) == 6


async def test_a_service_that_keeps_losing_a_model_over_a_request_is_declined_after_six_tries() -> None:
    client, asked = answering(httpx.Response(503, json={"detail": "the renderer was lost"}))
    async with client:
        with pytest.raises(ServiceError, match="the renderer was lost"):
            await client.articles.create(LISTING)
    assert len(asked) == 6


async def test_a_service_that_names_a_time_is_waited_for_more_often_than_that() -> None:
    busy = [httpx.Response(503, headers={"Retry-After": "0"})] * 20
    client, asked = answering(*busy, httpx.Response(200, json=DRAWN))
    async with client:
        await client.articles.create(LISTING)
    assert len(asked) == 21


async def test_colourways_are_records_beside_the_first_and_a_rejection_is_one_too() -> None:
    other = DRAWN | {"article_id": "a-navy"}
    client, _ = answering(
        httpx.Response(200, json=DRAWN | {"colourways": [other | {"colourways": []}]}),
        httpx.Response(422, json={"detail": "empty", "record": DRAWN | {"status": "rejected"}}),
    )
    async with client:
        assert records_of(await client.articles.create(LISTING)) == [DRAWN, other]
        assert records_of(await client.articles.create(LISTING)) == [DRAWN | {"status": "rejected"}]
