"""What a user's URL names: scheme, host and port, checked by the parser that also writes the request."""

import re
import socket
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Literal

import httpx

from models.errors import VitrineError
from serve_app.outbound.networks import Address

Code = Literal[
    "bad_url", "denied_address", "unresolvable", "too_large", "timeout", "unreachable", "redirect", "http_error"
]
PORTS = {"http": 80, "https": 443}
SHOWN = 120  # characters of a refused URL that a message repeats
NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # systems read a host that ends so as an IPv4 address


class OutboundError(VitrineError):
    """A URL that may not be opened or did not give what was asked for; `code` is stable."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class Target:
    """`host` without brackets and final dot; `address` when the URL holds one instead of a name."""

    url: httpx.URL
    host: str
    port: int
    address: Address | None


def target(url: str, ports: AbstractSet[int]) -> Target:
    """Reads a URL; raises OutboundError `bad_url` unless it is http(s), without credentials, on one of `ports`."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise _bad(url, f"it cannot be read ({error})") from None
    if parsed.scheme not in PORTS:
        raise _bad(url, f"the scheme {parsed.scheme!r} is not http or https")
    if parsed.userinfo:
        raise _bad(url, "it holds credentials; leave out what stands before the @")
    port = PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if port not in ports:
        raise _bad(url, f"port {port} is not one of {', '.join(map(str, sorted(ports)))}")
    host = parsed.raw_host.decode("ascii").removesuffix(".")
    return Target(parsed, host, port, _literal(url, host))


def shown(url: str) -> str:
    """A URL for a message: quoted, and cut when it is long."""
    return repr(url if len(url) <= SHOWN else f"{url[:SHOWN]}…")


def system_resolve(host: str) -> list[str]:
    """Every address that the system knows for a name; raises OSError or UnicodeError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _literal(url: str, host: str) -> Address | None:
    if ":" in host:
        if "%" in host:
            raise _bad(url, "an address with a zone is none of a public host")
        return ip_address(host)
    if not NAME.fullmatch(host):
        raise _bad(url, f"{host[:SHOWN]!r} is no name of a host")
    if not NUMBER.fullmatch(host.rpartition(".")[2]):
        return None
    try:
        return IPv4Address(host)
    except ValueError:
        raise _bad(url, f"{host!r} is no address; write IPv4 as four decimal numbers") from None


def _bad(url: str, reason: str) -> OutboundError:
    return OutboundError("bad_url", f"{shown(url)} cannot be used: {reason}")
