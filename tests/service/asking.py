"""What the tests of the service ask it, and how they read what it answers."""

import asyncio
import json
from typing import Any

import httpx

from serve_app.api.app import create_app
from serve_app.api.service import Service
from serve_app.webhooks.deliveries import Courier

HEADER = b"name,description,model_name,model_descr\n"
OPTIONS = {"options": json.dumps({"candidates": 1, "policy": "skip"})}


def client_of(service: Service, proxied: bool = False) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(service, proxied=proxied), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://vitrine")


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The checked error document of a response."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    document: dict[str, Any] = response.json()
    assert (response.status_code, document["status"], document["error"]["code"]) == (status, status, code), document
    assert document["type"].startswith("urn:vitrine:problem:")
    assert document["request_id"]
    assert document["error"]["message"] == document["detail"]
    assert "Traceback" not in response.text
    return document


async def post(client: httpx.AsyncClient, content: bytes, name: str = "feed.csv", **more: Any) -> httpx.Response:
    return await client.post("/v1/batches", files={"file": (name, content)}, data=OPTIONS, **more)


async def finished(client: httpx.AsyncClient, batch: str) -> dict[str, Any]:
    return await _over(client, f"/v1/batches/{batch}", looks=600)


async def ended(client: httpx.AsyncClient, job: str, looks: int = 200) -> dict[str, Any]:
    return await _over(client, f"/v1/jobs/{job}", looks)


async def _over(client: httpx.AsyncClient, path: str, looks: int) -> dict[str, Any]:
    for _ in range(looks):
        found: dict[str, Any] = (await client.get(path)).json()
        if found["finished_at"]:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{path} did not end: {found}")


async def deliver_due(courier: Courier, most: int = 20) -> int:
    """Tries what is due, and gives how much that was."""
    claimed = await courier.claim(most, most)
    outcomes = await asyncio.gather(*map(courier.deliver, claimed), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return len(claimed)
