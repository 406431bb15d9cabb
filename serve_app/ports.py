"""Ports of this machine that are still free when a server comes to listen on them."""

import random
import socket
from pathlib import Path

KERNELS_OWN = Path("/proc/sys/net/ipv4/ip_local_port_range")  # what it gives to whoever asks for any port
ASSIGNED = 49_152  # where those begin by RFC 6335
LOWEST = 20_000  # Ray's workers listen below


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """So many different ones, outside the kernel's own range: of that Ray's processes take hundreds while they start.

    Raises OSError when the host is none of this machine's.
    """
    first = int(KERNELS_OWN.read_text().split()[0]) if KERNELS_OWN.exists() else ASSIGNED
    tried = random.sample(range(LOWEST, first), first - LOWEST) if first >= LOWEST + count else []
    probes: list[socket.socket] = []
    try:
        for port in [*tried, *[0] * count]:
            if len(probes) == count:
                break
            probe = _bound(host, port)
            if probe is not None:
                probes.append(probe)
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def free_port(host: str = "127.0.0.1") -> int:
    """One of them."""
    return free_ports(1, host)[0]


def _bound(host: str, port: int) -> socket.socket | None:
    try:
        return socket.create_server((host, port))
    except OSError:
        if port == 0:
            raise
        return None
