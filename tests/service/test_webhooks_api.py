"""Webhooks over HTTP: registered by a tenant, told of its jobs' ends, signed so that the receiver can tell."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asking import deliver_due, problem
from bench import SHIRT
from standardwebhooks import Webhook

from serve_app.api.app import create_app
from serve_app.api.service import Service
from serve_app.outbound import Outbound
from serve_app.webhooks.deliveries import Courier

ORDER = {"kind": "article", "input": SHIRT, "options": {"candidates": 1}}


class Receiver:
    """A server on loopback that keeps what it was sent."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in head)}
        self.heard.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, int]]:
    made = Receiver()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    async with server:
        yield made, server.sockets[0].getsockname()[1]


async def test_the_end_of_a_job_reaches_its_tenants_endpoint_once(
    service: Service, receiver: tuple[Receiver, int]
) -> None:
    heard, port = receiver
    outbound = Outbound(allow={("127.0.0.1", port)})
    transport = httpx.ASGITransport(create_app(service, outbound), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://vitrine") as client:
        made = (await client.post("/v1/webhooks", json={"url": f"http://127.0.0.1:{port}/hook"})).json()
        assert made["secret"].startswith("whsec_")
        read: dict[str, Any] = (await client.get(f"/v1/webhooks/{made['id']}")).json()
        assert (read["secret"], read["events"]) == (None, ["*"])
        job = (await client.post("/v1/jobs", json=ORDER, headers={"Prefer": "wait=30"})).json()
        courier = Courier(service.store.database, outbound.post)
        assert (await deliver_due(courier), await deliver_due(courier)) == (1, 0)
        ((headers, body),) = heard.heard
        told = Webhook(made["secret"]).verify(body, headers)
        assert (told["type"], told["data"]) == ("job.succeeded", {"id": job["id"], "state": "succeeded"})
        assert (await client.delete(f"/v1/webhooks/{made['id']}")).status_code == 204
        problem(await client.get(f"/v1/webhooks/{made['id']}"), 404, "not_found")


@pytest.mark.parametrize("url", ["http://127.0.0.1/hook", "http://169.254.169.254/latest", "ftp://example.org/", "x"])
async def test_an_address_inside_the_house_is_refused(service: Service, url: str) -> None:
    transport = httpx.ASGITransport(create_app(service), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://vitrine") as client:
        answer = await client.post("/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "url"), answer.text


async def test_an_endpoint_that_is_registered_twice_with_one_key_is_one_with_one_secret(
    service: Service, receiver: tuple[Receiver, int]
) -> None:
    _, port = receiver
    transport = httpx.ASGITransport(create_app(service, Outbound(allow={("127.0.0.1", port)})))
    async with httpx.AsyncClient(transport=transport, base_url="http://vitrine") as client:
        order, once = {"url": f"http://127.0.0.1:{port}/hook"}, {"Idempotency-Key": "hook-1"}
        made = [(await client.post("/v1/webhooks", json=order, headers=once)).json() for _ in range(2)]
        assert made[0] == made[1]
        assert len((await client.get("/v1/webhooks")).json()["data"]) == 1
        place, again = f"/v1/webhooks/{made[0]['id']}/rotate", {"Idempotency-Key": "turn-1"}
        turned = [(await client.post(place, headers=again)).json()["secret"] for _ in range(2)]
        assert turned[0] == turned[1] != made[0]["secret"]
