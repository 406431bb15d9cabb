"""No URL leads to an address that is not public, a name is asked for once, and answers have limits."""

import asyncio
import ssl
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hostile_urls import CASES, PUBLIC, resolve

from serve_app.outbound import Outbound, OutboundError
from serve_app.outbound.networks import denied

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
connected: list[list[Any]] = []  # the lists that record where sockets of this process are connected to


def heard(event: str, given: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        for places in connected:
            places.append(given[1])


sys.addaudithook(heard)  # cannot be taken away again; it does nothing while nobody records


@contextmanager
def recorded() -> Iterator[list[Any]]:
    """Every address that any code of this process connects a socket to."""
    places: list[Any] = []
    connected.append(places)
    try:
        yield places
    finally:
        connected.pop()


class Server:
    """A server on a loopback address; `requests` are heads and bodies as they came, `connections` their number."""

    def __init__(self, answer: bytes | Answer) -> None:
        self.answer, self.connections, self.port = answer, 0, 0
        self.requests: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
            self.requests.append(head + await reader.readexactly(int(length or 0)))
            if isinstance(self.answer, bytes):
                writer.write(self.answer)
                await writer.drain()
            else:
                await self.answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    answer: bytes | Answer, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    server = Server(answer)
    listening = await asyncio.start_server(server.talk, host, port, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def answering(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def allowing(server: Server, **options: Any) -> Outbound:
    return Outbound(allow={("127.0.0.1", server.port)}, **({"resolve": resolve} | options))


async def refused(call: Awaitable[object]) -> str:
    with pytest.raises(OutboundError) as error:
        await call
    return error.value.code


@pytest.mark.parametrize(("url", "code"), CASES, ids=[ascii(url) for url, _ in CASES])
async def test_a_hostile_url_is_refused_before_any_connection(tmp_path: Path, url: str, code: str) -> None:
    async with serving(answering(b"secret")) as server:
        outbound = Outbound(allow={("192.0.2.1", server.port)}, resolve=resolve)
        url = url.replace("PORT", str(server.port))
        with recorded() as places:
            codes = [
                await refused(outbound.check(url)),
                await refused(outbound.get(url)),
                await refused(outbound.download(url, tmp_path / "file", 100)),
                await refused(outbound.post(url, b"{}", {})),
            ]
        assert (codes, places, server.connections) == ([code] * 4, [], 0)


async def test_the_recorder_and_the_server_do_see_a_connection_that_is_allowed() -> None:
    async with serving(answering(b"picture")) as server:
        with recorded() as places:
            assert await allowing(server).get(f"http://127.0.0.1:{server.port}/") == b"picture"
        assert (places, server.connections) == ([("127.0.0.1", server.port)], 1)


SPECIAL = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"""


@pytest.mark.parametrize("network", SPECIAL.split())
def test_a_special_ipv4_network_is_denied_from_end_to_end_also_inside_ipv6(network: str) -> None:
    for address in (ip_network(network)[0], ip_network(network)[-1]):
        assert denied(address), address
        for inside in (f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}"):
            assert denied(ip_address(inside)), inside


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
async def test_a_public_address_is_not_denied(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    await Outbound(resolve=lambda _: [address]).check(f"https://{host}/hook")
    await Outbound(resolve=lambda _: [address]).check("https://shop.example/hook")


async def test_a_name_is_asked_for_once_and_its_second_answer_never_reached() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    async with serving(answering(b"first")) as first, serving(b"", "127.0.0.2", first.port) as second:
        outbound = allowing(first, resolve=lambda _: next(answers))
        with recorded() as places:
            assert await outbound.get(f"http://rebinding.example:{first.port}/a?b=1#c") == b"first"
        assert (first.connections, second.connections) == (1, 0)
        assert places == [("127.0.0.1", first.port)]
        assert next(answers) == ["127.0.0.2"], "the second answer was asked for"
    assert first.requests[0].startswith(b"GET /a?b=1 HTTP/1.1\r\n")
    assert f"host: rebinding.example:{first.port}\r\n".encode() in first.requests[0].lower()


async def test_a_name_that_was_public_when_it_was_registered_is_checked_again_when_it_is_called() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    async with serving(answering()) as server:
        outbound = Outbound(allow={(PUBLIC, server.port)}, resolve=lambda _: next(answers))
        url = f"http://rebinding.example:{server.port}/"
        await outbound.check(url)
        assert await refused(outbound.post(url, b"{}", {})) == "denied_address"
        assert server.connections == 0


async def test_an_allowed_pair_opens_neither_other_ports_nor_other_addresses() -> None:
    async with serving(answering()) as server, serving(answering()) as other:
        outbound = allowing(server)
        assert await refused(outbound.get(f"http://127.0.0.1:{other.port}/")) == "bad_url"
        assert await refused(outbound.get(f"http://127.0.0.2:{server.port}/")) == "denied_address"
        assert await refused(outbound.get("http://127.0.0.1/")) == "denied_address"


async def test_a_post_carries_body_and_headers_and_tells_status_and_start_of_the_answer() -> None:
    async with serving(answering("ü".encode() * 5_000, "202 Accepted")) as server:
        told = await allowing(server).post(
            f"http://loop.example:{server.port}/hook", b'{"a":1}', {"webhook-id": "msg_1", "host": "evil.example"}
        )
    assert told == (202, "ü" * 200)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b'{"a":1}'
    assert b"webhook-id: msg_1" in head.lower()
    assert b"evil.example" not in head


async def test_a_redirect_is_not_followed() -> None:
    async with serving(answering(b"secret")) as inner:
        moved = answering(b"", "302 Found", f"Location: http://127.0.0.1:{inner.port}/")
        async with serving(moved) as outer:
            outbound = Outbound(allow={("127.0.0.1", outer.port), ("127.0.0.1", inner.port)}, resolve=resolve)
            assert await refused(outbound.get(f"http://127.0.0.1:{outer.port}/")) == "redirect"
            assert await outbound.post(f"http://127.0.0.1:{outer.port}/", b"{}", {}) == (302, "")
        assert inner.connections == 0


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answering(b"proxy")) as proxy, serving(answering(b"host")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert await allowing(server).get(f"http://127.0.0.1:{server.port}/") == b"host"
        assert proxy.connections == 0


@pytest.mark.parametrize("length", ["Content-Length: 100000", "X-Length: none"])
async def test_an_answer_that_is_too_long_is_given_up(tmp_path: Path, length: str) -> None:
    async with serving(f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n".encode() + bytes(100_000)) as server:
        url, file = f"http://127.0.0.1:{server.port}/", tmp_path / "file"
        assert await refused(allowing(server, most_bytes=99_999).get(url)) == "too_large"
        assert len(await allowing(server, most_bytes=100_000).get(url)) == 100_000
        assert await refused(allowing(server).download(url, file, 99_999)) == "too_large"
        await allowing(server, most_bytes=1).download(url, file, 100_000)
        assert file.read_bytes() == bytes(100_000)


async def test_an_endless_answer_ends_at_the_limit() -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(1 << 16))
            await writer.drain()

    async with serving(endless) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert await refused(allowing(server, most_bytes=1 << 20).get(url)) == "too_large"
        assert await allowing(server).post(url, b"{}", {}) == (200, "\0" * 200)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
async def test_an_answer_that_trickles_is_given_up(start: bytes) -> None:
    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(trickle) as server:
        outbound, url = allowing(server, timeout_s=0.5), f"http://127.0.0.1:{server.port}/"
        async with asyncio.timeout(5):
            assert await refused(outbound.get(url)) == "timeout"
            assert await refused(outbound.post(url, b"{}", {})) == "timeout"


async def test_a_file_may_take_its_time_as_long_as_it_comes(tmp_path: Path) -> None:
    async def slow(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for pause in (0.0, *[0.1] * 8, 1.0):
            await asyncio.sleep(pause)
            writer.write(b"X")
            await writer.drain()

    async with serving(slow) as server:
        url, file = f"http://127.0.0.1:{server.port}/", tmp_path / "file"
        await allowing(server, timeout_s=2.0).download(url, file, 100)
        assert file.read_bytes() == b"X" * 10
        with pytest.raises(OutboundError, match=r"silent for 0\.5 s"):
            await allowing(server, timeout_s=0.5).download(url, file, 100)
        with pytest.raises(OutboundError, match=r"longer than 0\.4 s"):
            await allowing(server).download(url, file, 100, within_s=0.4)


async def test_a_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    size = 64 << 20

    async def long(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(size >> 20):
            writer.write(bytes(1 << 20))
            await writer.drain()

    async with serving(long) as server:
        outbound = allowing(server)
        tracemalloc.start()
        try:
            await outbound.download(f"http://127.0.0.1:{server.port}/", tmp_path / "file", size)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (tmp_path / "file").stat().st_size == size
    assert peak < size / 4, f"{peak >> 20} MiB for {size >> 20} MiB"


async def test_a_slow_name_server_counts_as_time() -> None:
    released = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_: str) -> list[str]:
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result(10)
        return [PUBLIC]

    assert await refused(Outbound(resolve=slow, timeout_s=0.2).check("http://slow.example/")) == "timeout"
    released.set()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (answering(b"", "404 Not Found"), "http_error"),
        (answering(b"", "500 Internal Server Error"), "http_error"),
        (answering(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip"), "http_error"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 300_000, "unreachable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "unreachable"),
        (b"", "unreachable"),
    ],
)
async def test_an_answer_that_is_none_has_its_code(answer: bytes, code: str) -> None:
    async with serving(answer) as server:
        assert await refused(allowing(server).get(f"http://127.0.0.1:{server.port}/")) == code


async def test_the_next_address_of_a_name_is_tried_when_one_does_not_answer() -> None:
    async with serving(answering(b"second")) as server:
        pairs = {("127.0.0.3", server.port), ("127.0.0.1", server.port)}
        outbound = Outbound(allow=pairs, resolve=lambda _: ["127.0.0.3", "127.0.0.1"])
        assert await outbound.get(f"http://two.example:{server.port}/") == b"second"
    assert await refused(outbound.get(f"http://two.example:{server.port}/")) == "unreachable"


@pytest.mark.parametrize(("name", "reached"), [("shop.example", True), ("other.example", False)])
async def test_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reached: bool
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=shop.example"
    extra = ["-addext", "subjectAltName=DNS:shop.example", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *extra], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    asked: list[str | None] = []
    tls.sni_callback = lambda _, host, __: asked.append(host)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving(answering(b"picture"), tls=tls) as server:
        outbound, url = allowing(server, resolve=lambda _: ["127.0.0.1"]), f"https://{name}.:{server.port}/"
        if reached:
            assert await outbound.get(url) == b"picture"
        else:
            assert await refused(outbound.get(url)) == "unreachable"
            assert server.requests == []
    assert asked == [name]
