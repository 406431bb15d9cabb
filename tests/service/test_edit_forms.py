"""The form of an edit: what is refused before anything is decoded, and how much is held at once."""

import asyncio
import io
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import numpy as np
import pytest
from asking import client_of, problem
from PIL import Image
from sqlalchemy import func, select

from serve_app.api import image_files
from serve_app.api.service import Service
from serve_app.jobs.database import EVERYONE
from serve_app.jobs.schema import pictures
from serve_app.uploads import Upload

FORM = {"prompt": "a red shirt", "size": "64x64"}


def picture(level: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), (level, 0, 0)).save(written, "PNG")
    return written.getvalue()


def files(count: int, first: int = 0) -> list[tuple[str, tuple[str, bytes]]]:
    return [("image[]", ("photo.png", picture(first + number))) for number in range(count)]


@pytest.fixture
async def client(service: Service, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(image_files, "WORKING", asyncio.Semaphore(4))  # of this test's event loop
    async with client_of(service) as made:
        yield made


def upload(content: bytes, *_: int) -> Upload:
    return Upload(np.zeros((30, 40, 3), np.uint8), None)


@pytest.mark.parametrize("name", ["prompt", "n", "mask"])
async def test_what_is_given_twice_is_refused_and_not_chosen_from(client: httpx.AsyncClient, name: str) -> None:
    sent = [*files(1), *([("mask", ("mask.png", picture(0)))] * 2 if name == "mask" else [])]
    fields = {"prompt": "a red shirt", "n": "1"} | ({} if name == "mask" else {name: ["1", "2"]})
    document = problem(await client.post("/v1/images/edits", files=sent, data=fields), 422, "invalid_value")
    assert document["error"]["param"] == name
    assert "2 times" in document["detail"]


async def test_without_room_an_edit_is_refused_before_anything_is_decoded_or_kept(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[bytes] = []
    monkeypatch.setattr(image_files, "read", lambda content, _: decoded.append(content) or upload(content))
    full = Service(service.store, service.queue, service.conductor, most_waiting=0)
    async with client_of(full) as client:
        answer = await client.post("/v1/images/edits", files=files(1), data=FORM)
    problem(answer, 503, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0
    async with service.store.database.reading(EVERYONE) as connection:
        kept = (await connection.execute(select(func.count()).select_from(pictures))).scalar_one()
    assert (decoded, kept) == ([], 0)


async def test_pictures_of_a_form_are_decoded_and_kept_one_after_the_other(
    service: Service, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    read, put = image_files.read, service.store.put_picture

    async def kept(*given: Any) -> str:
        if given[1].startswith("upload"):
            done.append("kept")
        return await put(*given)

    monkeypatch.setattr(image_files, "read", lambda *given: done.append("decoded") or read(*given))
    monkeypatch.setattr(service.store, "put_picture", kept)
    answer = await client.post("/v1/images/edits", files=files(3), data=FORM)
    assert answer.status_code == 200, answer.text
    assert done == ["decoded", "kept"] * 3


async def test_at_most_four_requests_hold_pictures_and_one_that_still_sends_holds_none(
    service: Service, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding, most = set[str](), 0
    put = service.store.put_picture

    async def slowly(tenant: str, owner: str, content: bytes, ext: str = "png") -> str:
        nonlocal most
        if owner.startswith("upload"):
            holding.add(owner)
            most = max(most, len(holding))
            await asyncio.sleep(0.1)
            holding.discard(owner)
        return await put(tenant, owner, content, ext)

    async def stalled() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        await asyncio.sleep(60)

    monkeypatch.setattr(image_files, "read", upload)
    monkeypatch.setattr(service.store, "put_picture", slowly)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    slow = [asyncio.create_task(client.post("/v1/images/edits", content=stalled(), headers=kind)) for _ in range(6)]
    await asyncio.sleep(0.05)
    answers = await asyncio.gather(
        *(client.post("/v1/images/edits", files=files(1), data=FORM | {"seed": str(number)}) for number in range(10))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert (most, [task.done() for task in slow]) == (4, [False] * 6)
    await left(slow)


async def test_clients_that_leave_do_not_let_more_than_two_pictures_be_decoded(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, release = list[str](), threading.Event()

    def slowly(content: bytes, *_: int) -> Upload:
        going.append(threading.current_thread().name)
        release.wait(30)
        return upload(content)

    monkeypatch.setattr(image_files, "read", slowly)
    try:
        for _ in range(4):
            posts = [asyncio.create_task(client.post("/v1/images/edits", files=files(1), data=FORM)) for _ in range(2)]
            until = time.monotonic() + (10 if not going else 0.5)
            while len(going) < 2 and time.monotonic() < until:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            await left(posts)
        assert len(going) == 2, f"{len(going)} decoders: {going}"
        assert all(name.startswith("decode") for name in going)
    finally:
        release.set()


async def left(posts: list[asyncio.Task[httpx.Response]]) -> None:
    """The clients go before they are answered."""
    for task in posts:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
