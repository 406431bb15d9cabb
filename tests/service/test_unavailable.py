"""What stands behind the service does not answer: that is no fault of a request, and passes."""

from typing import Any

import httpx
import pytest
from asking import client_of, problem
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from serve_app.access.keys import Keys
from serve_app.api.service import Service
from serve_app.jobs.objects import ObjectsError


async def asked(service: Service, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> httpx.Response:
    async def fails(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(service.store, "picture", fails)
    async with client_of(service) as client:
        return await client.get(f"/v1/pictures/{'0' * 64}.png")


@pytest.mark.parametrize(
    ("fault", "who"),
    [
        (ObjectsError("cannot read a: connection refused"), "object store"),
        (NoConnectionError("QueuePool limit of size 16 reached"), "database"),
    ],
)
async def test_who_does_not_answer_is_a_503_that_says_when_to_come_back(
    service: Service, monkeypatch: pytest.MonkeyPatch, fault: Exception, who: str
) -> None:
    answer = await asked(service, monkeypatch, fault)
    assert who in problem(answer, 503, "not_ready")["detail"]
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_row_that_must_not_be_is_a_fault_of_the_service(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem(await asked(service, monkeypatch, IntegrityError("INSERT", {}, Exception("twice"))), 500, "internal")


async def test_a_database_that_is_away_when_the_key_is_looked_up_is_a_503_too(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("the server is starting up"))

    monkeypatch.setattr(Keys, "any", fails)
    async with client_of(service) as client:
        answer = await client.get("/v1/jobs")
    assert "database" in problem(answer, 503, "not_ready")["detail"]
    assert int(answer.headers["Retry-After"]) > 0
