"""Bodies and headers that no honest client sends: each a typed 4xx over real HTTP, on both databases, never a 5xx."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from over_http import on_loopback

from serve_app.api import limits

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
NUL, HALF = "\\u0000", "\\ud800"  # as JSON writes them
TAKING_JSON = ("/v1/articles", "/v1/jobs", "/v1/images/generations", "/v1/webhooks", "/v1/batches")
TAKING_FORMS = ("/v1/batches", "/v1/images/edits")


def nested(depth: int) -> str:
    return '{"options":' + '{"a":' * depth + "1" + "}" * (depth + 1)


def part(name: str, content: bytes, file: bytes | None = None) -> bytes:
    named = b"" if file is None else b'; filename="' + file + b'"'
    head = b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + named
    return head + b"\r\n\r\n" + content + b"\r\n"


TEXTS: dict[str, str | bytes] = {
    "nul in a name": f'{{"name": "a{NUL}"}}',
    "half a character": f'{{"name": "{HALF}"}}',
    "half a character as a name": f'{{"{HALF}": 1}}',
    "half a character in an option": f'{{"options": {{"adapter": "{HALF}"}}}}',
    "nul in an answer": f'{{"options": {{"answers": {{"colours": "{NUL}"}}}}}}',
    "not a number": '{"options": {"seed": NaN}}',
    "infinity": '{"options": {"seed": 1e999}}',
    "a number of 5,000 digits": '{"options": {"seed": ' + "9" * 5_000 + "}}",
    "ten megabytes": json.dumps({"name": "x" * 10_000_000}),
    "20,000 unknown fields": json.dumps({f"field{number}": 1 for number in range(20_000)}),
    "bytes that are no text": b'{"name": "\xff\xfe"}',
    "half a document": '{"name": "Hemd"',
    "two documents": '{"name": "Hemd"}{"name": "Hose"}',
    "a list": "[]",
    "nothing": "",
    **{f"{depth} levels": nested(depth) for depth in (100, 500, 900, 960, 985, 2_000, 40_000)},
    **{f"{depth} lists": "[" * depth + "]" * depth for depth in (500, 960, 985, 100_000)},
}
FORMS: dict[str, bytes] = {
    "no end": part("file", b"name", b"a.csv")[:-2],
    "no name": b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n",
    "no file": part("options", b"{}") + b"--x--\r\n",
    "a file that is a text": part("file", b"name,description") + part("image", b"png") + b"--x--\r\n",
    "5,000 fields": b"".join(part(f"field{number}", b"v") for number in range(5_000)) + b"--x--\r\n",
    "50 files": b"".join(part("file", b"v", b"a.csv") for _ in range(50)) + b"--x--\r\n",
    "a field of nine megabytes": part("options", bytes(9_000_000)) + b"--x--\r\n",
    "a file's name of 60 KB": part("file", b"name", b"a" * 60_000 + b".csv") + b"--x--\r\n",
    "a file's name with nul": part("file", b"name", b"a\x00.csv") + b"--x--\r\n",
    "deep options": part("options", b"[" * 50_000) + part("file", b"name", b"a.csv") + b"--x--\r\n",
    "nul in the columns": part("columns", b"name=a\x00") + part("file", b"a\x00", b"a.csv") + b"--x--\r\n",
    "nul as the user": part("user", b"\x00") + part("prompt", b"red") + part("image", b"", b"a.png") + b"--x--\r\n",
}
PATHS = [
    "/v1/jobs/%00", "/v1/jobs/%ff%fe", "/v1/jobs/" + "a" * 5_000, "/v1/jobs/..%2f..%2fetc", "/v1/jobs/%0a", "/v1//jobs",
    "/v1/jobs?cursor=%00", "/v1/jobs?limit=" + "9" * 5_000, "/v1/jobs?state=queued%0a", "/v1/jobs?limit=1&limit=2",
    "/v1/jobs?stat=queued", "/v1/batches/batch_" + "a" * 26 + "/rows?cursor=-1", "/v1/articles/%D9%A3" + "0" * 15,
    "/v1/pictures/" + "0" * 64 + ".png%00", "/v1/webhooks/we_%2e%2e",
]  # fmt: skip
HEADERS: list[dict[str, bytes]] = [
    {"Authorization": b"Bearer \xff\xfe"}, {"Authorization": b"Basic dTpw"},
    {"Authorization": b"Bearer " + b"x" * 7_000}, {"Idempotency-Key": b"\xff"},
    {"Idempotency-Key": b"x" * 256}, {"Cancel-After": b"9" * 30},
    {"Cancel-After": b"-1"}, {"Prefer": b"x" * 300},
]  # fmt: skip


@pytest.fixture
def client(url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    with on_loopback(tmp_path, database=url) as (address, secret):
        headers = {"Authorization": f"Bearer {secret}"}
        with httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as made:
            yield made


def faults(sent: Iterator[tuple[str, httpx.Response]]) -> list[str]:
    """What was answered with anything but a problem document of 4xx."""
    typed = "application/problem+json"
    return [
        f"{what}: {answer.status_code} {answer.text[:80]}"
        for what, answer in sent
        if not 400 <= answer.status_code < 500 or answer.headers["content-type"] != typed or not answer.json()["error"]
    ]


def test_hostile_texts_are_typed_4xx(client: httpx.Client) -> None:
    def answers() -> Iterator[tuple[str, httpx.Response]]:
        for path in TAKING_JSON:
            for what, text in TEXTS.items():
                content = text if isinstance(text, bytes) else text.encode()
                yield f"{path} {what}", client.post(path, content=content, headers=JSON)

    assert faults(answers()) == []


def test_hostile_forms_are_typed_4xx(client: httpx.Client) -> None:
    sent = ((path, what, body) for path in TAKING_FORMS for what, body in FORMS.items())
    assert faults((f"{path} {what}", fresh(client, path, body)) for path, what, body in sent) == []


def fresh(client: httpx.Client, path: str, body: bytes) -> httpx.Response:
    """Over a connection of its own: an answer in the middle of a body ends it."""
    headers = {**client.headers, **FORM}
    return httpx.post(f"{client.base_url}{path}", content=body, headers=headers, timeout=60, trust_env=False)


def test_wrong_content_types_are_typed_4xx(client: httpx.Client) -> None:
    kinds = [
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "image/png",
        "\xff",
        "multipart/form-data",
    ]
    sent = ((path, kind) for path in (*TAKING_JSON, *TAKING_FORMS) for kind in kinds)
    body = b"<name>Hemd</name>"
    answers = (
        (f"{path} {kind!r}", client.post(path, content=body, headers={"Content-Type": kind.encode("latin-1")}))  # type: ignore[dict-item]
        for path, kind in sent
    )
    assert faults(answers) == []


def test_hostile_paths_and_headers_are_typed_4xx(client: httpx.Client) -> None:
    assert faults((path[:60], client.get(path)) for path in PATHS) == []
    order = {"input": {"name": "Hemd", "model_descr": "rot"}}
    asked: Any = HEADERS
    assert faults((str(each)[:60], client.post("/v1/jobs", json=order, headers=each)) for each in asked) == []


def test_what_is_odd_and_yet_allowed_is_answered(client: httpx.Client) -> None:
    listing = {"name": "Herren-Hemd\u0007\u001b[2J\u202e", "model_descr": "rot kariert"}
    assert client.post("/v1/articles", json=listing).is_success
    done = client.post("/v1/jobs", json={"input": listing}, headers={"Prefer": "wait=30"}).json()
    for last in ("9" * 20, "-1", ""):
        told = client.get(f"/v1/jobs/{done['id']}/events", headers={"Last-Event-ID": last})
        assert told.status_code == 200, told.text


def trickled(client: httpx.Client, path: str, head: str, piece: Callable[[], bytes], pause_s: float) -> bytes:
    """The answer to a body that is sent in pieces and never ends."""
    place = (client.base_url.host, client.base_url.port)
    first = (
        f"POST {path} HTTP/1.1\r\nHost: vitrine\r\nAuthorization: {client.headers['authorization']}\r\n{head}\r\n\r\n"
    )
    with socket.create_connection(place, timeout=30) as line:  # type: ignore[type-var]
        line.sendall(first.encode())
        line.settimeout(max(pause_s, 0.001))
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                return line.recv(4_096)
            except TimeoutError:
                try:
                    line.sendall(piece())
                except (BrokenPipeError, ConnectionResetError):
                    return b""
    return b"no answer"


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/batches"])
def test_a_body_without_end_is_a_413(client: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setitem(limits.LONGER, "/v1/batches", 1 << 20)
    kind = FORM if path == "/v1/batches" else JSON
    head = f"Content-Type: {kind['Content-Type']}\r\nTransfer-Encoding: chunked"
    start = part("file", b"", b"a.csv")[:-2] if kind is FORM else b'"'
    pieces = iter([b"%x\r\n%s\r\n" % (len(start), start)])
    more = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer = trickled(client, path, head, lambda: next(pieces, more), 0.0)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/batches", "/v1/images/edits"])
def test_a_body_that_trickles_or_stops_is_a_408(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for name, seconds in (("BODY_S", 0.6), ("PAUSE_S", 0.4), ("FORM_S", 0.8)):
        monkeypatch.setattr(limits, name, seconds)
    kind = JSON if path == "/v1/jobs" else FORM
    head = f"Content-Type: {kind['Content-Type']}\r\nContent-Length: 50000"
    start = iter([part("file", b"", b"a.csv")[:-2] if kind is FORM else b'"'])
    for going_on in (b"x", b""):
        answer = trickled(client, path, head, lambda more=going_on: next(start, more), 0.1)  # type: ignore[misc]
        assert answer.startswith(b"HTTP/1.1 408"), answer[:200]
        assert b"application/problem+json" in answer
