"""A feed by its address: fetched as it comes, from public addresses only, and then a batch like any other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asking import HEADER, finished, problem

from serve_app.api.app import create_app
from serve_app.api.service import Service
from serve_app.outbound import Outbound
from serve_app.sheets import limits

ROWS = HEADER + b"Herren-Hemd,Freizeithemd,,rot kariert\nDamen-Hose,Sommerhose,,blau\n"


class Shop:
    """A server on loopback that answers every request with `answer`."""

    def __init__(self) -> None:
        self.answer, self.port, self.asked = _ok(ROWS), 0, 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        with contextlib.suppress(OSError):
            writer.write(self.answer)
            await writer.drain()
        writer.close()


def _ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    listening = await asyncio.start_server(shop.talk, "127.0.0.1")
    shop.port = listening.sockets[0].getsockname()[1]
    yield shop
    listening.close()


@pytest.fixture
async def client(service: Service, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    outbound = Outbound(allow={("127.0.0.1", shop.port)}, resolve=lambda _: ["127.0.0.1"])
    transport = httpx.ASGITransport(create_app(service, outbound), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://vitrine") as client:
        yield client


async def post(client: httpx.AsyncClient, shop: Shop, path: str = "autumn%20feed.csv", **more: Any) -> httpx.Response:
    address = f"http://shop.example:{shop.port}/exports/{path}"
    return await client.post("/v1/batches", json={"source_url": address, "options": {"candidates": 1}} | more)


async def test_a_feed_is_fetched_and_drawn(client: httpx.AsyncClient, shop: Shop) -> None:
    answer = await post(client, shop, "autumn%20feed.csv?token=a.xlsx")
    assert answer.status_code == 202, answer.text
    done = await finished(client, answer.json()["id"])
    assert (done["name"], done["counts"], shop.asked) == ("autumn feed.csv", {"succeeded": 2}, 1)


async def test_a_dry_run_of_a_feed_by_its_address_is_one(client: httpx.AsyncClient, shop: Shop) -> None:
    done = await finished(client, (await post(client, shop, dry_run=True)).json()["id"])
    assert (done["dry_run"], done["quote"]["articles"]) == (True, 2)


async def test_an_address_that_gives_no_feed_is_refused_with_its_code(
    client: httpx.AsyncClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem(await post(client, shop, "feed.exe"), 422, "unknown_format")
    for answer, code in (
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "redirect"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "http_error"),
        (_ok(ROWS, "Content-Encoding: gzip"), "http_error"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nname", "unreachable"),
    ):
        shop.answer = answer
        problem(await post(client, shop), 422, code)
    monkeypatch.setattr(limits, "FILE_BYTES", len(ROWS) - 1)
    shop.answer = _ok(ROWS)
    problem(await post(client, shop), 413, "too_large")
    assert (await client.get("/v1/batches")).json()["data"] == []
