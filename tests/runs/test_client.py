"""The client waits for a busy service, gives up on an absent one, and keeps the words of what was declined."""

import httpx
import pytest

from serve_app.client import Client, DeclinedError, UnreachableError

LISTING = {"name": "Hemd", "description": "", "model_name": "", "model_descr": ""}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.client.FIRST_PAUSE_S", 0.0001)
    monkeypatch.setattr("serve_app.client.LONGEST_PAUSE_S", 0.001)


def answering(*answers: httpx.Response | Exception) -> tuple[Client, list[httpx.Request]]:
    """A client whose service gives these answers, the last one for ever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(request)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    return Client("http://vitrine", httpx.MockTransport(answer)), asked


async def test_a_busy_service_and_a_broken_connection_are_tried_again() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "0"})
    client, asked = answering(
        busy, httpx.ConnectError("refused"), httpx.Response(429), httpx.Response(200, json={"n": 1})
    )
    async with client:
        assert (await client.article(LISTING, {})).records == [{"n": 1}]
    assert len(asked) == 4


async def test_an_absent_service_is_unreachable_after_six_tries() -> None:
    client, asked = answering(httpx.ConnectError("refused"))
    async with client:
        with pytest.raises(UnreachableError, match=r"no answer from http://vitrine \(ConnectError\)"):
            await client.health()
    assert len(asked) == 6


async def test_a_service_that_keeps_losing_a_model_over_a_request_is_declined_after_six_tries() -> None:
    client, asked = answering(
        httpx.Response(503, json={"detail": "the renderer was lost", "error": {"code": "stage_lost"}})
    )
    async with client:
        with pytest.raises(DeclinedError, match="the renderer was lost"):
            await client.article(LISTING, {})
    assert len(asked) == 6


async def test_a_service_that_names_a_time_is_waited_for_more_often_than_that() -> None:
    busy = [httpx.Response(503, headers={"Retry-After": "0"})] * 20
    client, asked = answering(*busy, httpx.Response(200, json={}))
    async with client:
        await client.article(LISTING, {})
    assert len(asked) == 21


async def test_colourways_are_records_beside_the_first() -> None:
    body = {"n": 1, "colourways": [{"n": 2, "colourways": []}, {"n": 3}]}
    client, _ = answering(httpx.Response(200, json=body))
    async with client:
        assert (await client.article(LISTING, {})).records == [{"n": 1}, {"n": 2}, {"n": 3}]


async def test_a_rejected_listing_is_its_record() -> None:
    client, _ = answering(httpx.Response(422, json={"detail": "empty", "record": {"status": "rejected"}}))
    async with client:
        assert (await client.article(LISTING, {})).records == [{"status": "rejected"}]


async def test_what_is_declined_keeps_the_words_of_the_problem_document() -> None:
    problem = {"detail": "too many", "error": {"code": "invalid_value", "param": "options.candidates"}}
    client, asked = answering(httpx.Response(422, json=problem))
    async with client:
        with pytest.raises(DeclinedError, match="too many") as declined:
            await client.article(LISTING, {})
    assert (declined.value.status, declined.value.code, declined.value.param) == (
        422,
        "invalid_value",
        "options.candidates",
    )
    assert len(asked) == 1


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json=[])])
async def test_another_program_on_the_port_is_told_from_the_service(answer: httpx.Response) -> None:
    client, _ = answering(answer)
    async with client:
        with pytest.raises(DeclinedError, match="does not answer like Vitrine's service"):
            await client.health()
