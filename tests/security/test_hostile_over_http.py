"""Bombs, addresses and orders to a machine over HTTP: each one a typed error, at no cost and with no connection."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hostile_pictures import HOSTILE as PICTURES
from hostile_pictures import corners
from hostile_sheets import BOMBS
from hostile_urls import CASES
from injections import TEXTS
from watched_api import LET_THROUGH, Watched, watched

MOST_MB = 100.0  # that the API may grow by
FEEDS = [case for case in BOMBS if case[0] != "rows.csv"]  # a feed may have any number of rows
SHEET_S = 30.0  # until a batch has failed, on a busy machine


class Listener:
    """A socket on loopback that counts who comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.visits += 1


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("watched"), listener.port) as running:
        with client_of(running) as client:  # what is loaded at first use is no growth
            form = {"prompt": "a red shirt", "size": "64x64"}
            for _ in range(2):
                answer = client.post("/v1/images/edits", files={"image": ("a.png", corners("PNG"))}, data=form)
                assert answer.status_code == 200, answer.text
                assert client.post("/v1/articles", json={"name": "Hemd", "model_descr": "rot"}).is_success
        yield running


def client_of(api: Watched) -> httpx.Client:
    headers = {"Authorization": f"Bearer {api.secret}"}
    return httpx.Client(base_url=api.url, headers=headers, timeout=120, trust_env=False)


@pytest.fixture
def client(api: Watched) -> Iterator[httpx.Client]:
    with client_of(api) as made:
        yield made


def code(answer: httpx.Response) -> str:
    """Of a problem document with a status of 4xx."""
    assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json"
    found: str = answer.json()["error"]["code"]
    return found


@pytest.mark.parametrize(("make", "wanted"), [case[1:] for case in PICTURES], ids=[case[0] for case in PICTURES])
def test_a_hostile_picture_is_a_typed_4xx_and_the_api_does_not_grow(
    api: Watched, client: httpx.Client, make: Callable[[], bytes], wanted: str
) -> None:
    content = make()
    with api.growth() as grown:
        files = {"image": ("photo.jpg", content, "image/jpeg")}
        answer = client.post("/v1/images/edits", files=files, data={"prompt": "a red shirt"})
        assert code(answer) == wanted
        good = {"image": ("photo.png", corners("PNG")), "mask": ("mask.png", content)}
        assert code(client.post("/v1/images/edits", files=good, data={"prompt": "a red shirt"})) == wanted
    assert grown[0] < MOST_MB, f"the API grew by {grown[0]:.0f} MB"


@pytest.mark.parametrize("bomb", FEEDS, ids=[case[0] for case in FEEDS])
def test_a_hostile_sheet_is_a_typed_error_and_the_api_does_not_grow(
    api: Watched, client: httpx.Client, tmp_path: Path, bomb: tuple[str, Callable[[Path], None], set[str]]
) -> None:
    name, make, wanted = bomb
    make(tmp_path / name)
    with api.growth() as grown, (tmp_path / name).open("rb") as stream:
        answer = client.post("/v1/batches", files={"file": (name, stream)}, data={"options": '{"policy": "skip"}'})
        found = code(answer) if answer.status_code != 202 else failed(client, answer.json()["id"])
    assert found in wanted | {"empty_sheet"}  # what a feed calls a header that is too long to be one
    assert grown[0] < MOST_MB, f"the API grew by {grown[0]:.0f} MB"


def failed(client: httpx.Client, batch: str) -> str:
    """The code of a batch's failure; workbooks are opened after they were accepted."""
    until = time.monotonic() + SHEET_S
    while time.monotonic() < until:
        found: dict[str, Any] = client.get(f"/v1/batches/{batch}").json()
        if found["state"] == "failed":
            return str(found["error"]["code"])
        time.sleep(0.05)
    raise AssertionError(f"the batch did not fail: {found}")


def test_no_hostile_address_is_connected_to(api: Watched, client: httpx.Client, listener: Listener) -> None:
    before, visits, tried = len(api.connected()), listener.visits, 0
    with api.growth() as grown:
        for case, wanted in CASES:
            url = case.replace("PORT", str(listener.port))
            for path, field in (("/v1/webhooks", "url"), ("/v1/batches", "source_url")):
                sent = json.dumps({field: url})  # a lone surrogate is sent as JSON can say it
                answer = client.post(path, content=sent, headers={"Content-Type": "application/json"})
                assert code(answer) in (wanted, "invalid_value"), f"{path} {url!r}"
                assert answer.json()["error"]["param"] == field
                tried += 1
    assert tried >= 190
    assert (api.connected()[before:], listener.visits - visits) == ([], 0)
    assert grown[0] < MOST_MB, f"the API grew by {grown[0]:.0f} MB"


def test_the_watch_does_see_connections(api: Watched, client: httpx.Client, listener: Listener) -> None:
    before, visits = len(api.connected()), listener.visits
    answer = client.post("/v1/batches", json={"source_url": f"http://{LET_THROUGH}:{listener.port}/a.csv"})
    assert code(answer) == "unreachable"
    assert api.connected()[before:] == [str((LET_THROUGH, listener.port))]
    socket.create_connection(("127.0.0.1", listener.port)).close()
    until = time.monotonic() + 5
    while listener.visits == visits and time.monotonic() < until:
        time.sleep(0.01)
    assert listener.visits == visits + 1


@pytest.mark.parametrize("text", TEXTS)
def test_an_order_to_a_machine_is_refused_as_what_it_is(client: httpx.Client, text: str) -> None:
    listing = {"name": "Herren-Hemd", "description": f"Mit Kentkragen. {text}", "model_descr": "dark blue,checked"}
    assert code(client.post("/v1/articles", json=listing)) == "injection"
