"""GET and POST to addresses that users give: resolved once, every address checked, connected to what was checked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path

import httpx

from serve_app.outbound.networks import Address, denied
from serve_app.outbound.targets import PORTS, OutboundError, Target, shown, system_resolve, target

Resolve = Callable[[str], list[str]]
MOST_BYTES = 20 << 20  # the largest picture that an upload may have
TIMEOUT_S = 10.0
FILE_S = 300.0  # for a whole file: 200 MiB at 6 Mbit/s
TRIES = 3  # addresses of one name that are tried; a name may have hundreds
RESOLVERS = 8  # names looked up at once; apart from the default threads, which slow name servers would fill
SHOWN = 200  # characters of an answer that a sender of a webhook is shown


class Outbound:
    """`allow`: pairs of address and port that are reached although they are private, none by default.

    `resolve` gives the addresses of a name; `timeout_s` is the time for everything, of a file the longest pause, and
    `most_bytes` the longest answer.
    """

    def __init__(
        self,
        allow: AbstractSet[tuple[str, int]] = frozenset(),
        resolve: Resolve = system_resolve,
        timeout_s: float = TIMEOUT_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._allow = {(ip_address(address), port) for address, port in allow}
        self._ports = {*PORTS.values(), *(port for _, port in allow)}
        self._resolve, self._timeout_s, self._most_bytes = resolve, timeout_s, most_bytes
        self._tls = httpx.create_ssl_context()
        self._resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolve")

    async def check(self, url: str) -> None:
        """Raises the OutboundError that opening a URL would meet before it connects."""
        async with self._in_time(url):
            await self._addresses(target(url, self._ports))

    async def get(self, url: str) -> bytes:
        """The body of a 2xx answer; raises OutboundError for any other one, redirects included."""
        async with self._in_time(url), self._answer("GET", url, b"", {}) as answer:
            return b"".join([part async for part in _body(answer, url, self._most_bytes)])

    async def download(self, url: str, path: Path, most_bytes: int, within_s: float = FILE_S) -> None:
        """What `get` gives, written to a file as it comes."""
        async with self._in_time(url, within_s), self._answer("GET", url, b"", {}) as answer:
            with path.open("wb") as out:
                async for part in _body(answer, url, most_bytes):
                    await asyncio.to_thread(out.write, part)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Status and the answer's first 200 characters; a redirect is an answer like others."""
        async with self._in_time(url), self._answer("POST", url, body, headers) as answer:
            return answer.status_code, await _start(answer)

    @asynccontextmanager
    async def _in_time(self, url: str, within_s: float | None = None) -> AsyncIterator[None]:
        most = self._timeout_s if within_s is None else within_s
        try:
            async with asyncio.timeout(most):
                yield
        except TimeoutError:
            raise OutboundError("timeout", f"{shown(url)} took longer than {most:g} s") from None
        except httpx.TimeoutException:
            raise OutboundError("timeout", f"{shown(url)} was silent for {self._timeout_s:g} s") from None
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise OutboundError("unreachable", f"{shown(url)} cannot be reached ({reason})") from None

    async def _addresses(self, wanted: Target) -> list[Address]:
        """All addresses of a target, asked for once; raises OutboundError when a single one is denied."""
        addresses = [wanted.address] if wanted.address else await self._resolved(wanted.host)
        for address in addresses:
            public = wanted.port in PORTS.values() and not denied(address)
            if not public and (address, wanted.port) not in self._allow:
                place = f"{wanted.host!r} is {address}" if wanted.address is None else str(address)
                raise OutboundError(
                    "denied_address", f"{place}, on port {wanted.port} no public address; give one that is"
                )
        return addresses

    async def _resolved(self, host: str) -> list[Address]:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._resolvers, self._resolve, host)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise OutboundError("unresolvable", f"no address is known for {host!r}; check the name")
        return [ip_address(address) for address in found]

    @asynccontextmanager
    async def _answer(
        self, method: str, url: str, body: bytes, headers: dict[str, str]
    ) -> AsyncIterator[httpx.Response]:
        wanted = target(url, self._ports)
        addresses = (await self._addresses(wanted))[:TRIES]
        timeout = httpx.Timeout(self._timeout_s, connect=self._timeout_s / len(addresses)).as_dict()
        # One transport per request: a kept connection would be reused for another name on the same address.
        async with httpx.AsyncHTTPTransport(verify=self._tls) as transport:
            for place, address in enumerate(addresses, 1):
                request = httpx.Request(
                    method,
                    wanted.url.copy_with(host=str(address), fragment=None),
                    headers=_headers(headers, wanted),
                    content=body,
                    extensions={"sni_hostname": wanted.host, "timeout": timeout},
                )
                try:
                    answer = await transport.handle_async_request(request)
                    break
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if place == len(addresses):
                        raise
            try:
                yield answer
            finally:
                await answer.aclose()


def _headers(headers: dict[str, str], wanted: Target) -> httpx.Headers:
    """The connection goes to an address, so the name stands here (and in the TLS handshake)."""
    sent = httpx.Headers({"User-Agent": f"Vitrine/{version('vitrine')}", "Accept": "*/*"})
    sent.update(headers)
    sent.update({"Host": wanted.url.netloc.decode("ascii"), "Accept-Encoding": "identity"})
    return sent


async def _body(answer: httpx.Response, url: str, most: int) -> AsyncIterator[bytes]:
    """The parts of a 2xx answer of at most so many bytes."""
    said = f"{shown(url)} answers {answer.status_code}"
    if answer.is_redirect:
        raise OutboundError("redirect", f"{said}; give the address it leads to")
    if not answer.is_success:
        raise OutboundError("http_error", f"{said}; it must answer 200")
    # Unpacking could turn a small answer into a large one.
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise OutboundError("http_error", f"{said} with a packed body although asked not to")
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > most:
            raise OutboundError("too_large", f"{shown(url)} answers with more than {most} bytes")
        yield part


async def _start(answer: httpx.Response) -> str:
    start = bytearray()
    async for part in answer.aiter_raw():
        start += part
        if len(start) >= SHOWN * 4:  # a character has at most four bytes in UTF-8
            break
    return start.decode("utf-8", errors="replace")[:SHOWN]
