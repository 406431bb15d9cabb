"""A port that is found free stays free while a Ray starts beside it."""

import socket
from pathlib import Path

import pytest

from serve_app import ports
from serve_app.ports import free_port, free_ports


def test_ports_are_different_and_may_be_listened_on() -> None:
    found = free_ports(20)
    assert len(set(found)) == 20
    for port in found:
        socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.skipif(not ports.KERNELS_OWN.exists(), reason="the kernel's own range is read from Linux's /proc")
def test_no_port_is_one_that_the_kernel_gives_to_whoever_asks() -> None:
    first = int(ports.KERNELS_OWN.read_text().split()[0])
    assert all(ports.LOWEST <= port < first for port in free_ports(50))


def test_a_taken_port_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        here = taken.getsockname()[1]
        monkeypatch.setattr(ports.random, "sample", lambda *_: [here, here + 1])
        assert free_port() != here


def test_a_kernel_that_gives_every_port_is_asked_for_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "range").write_text("1024 65535")
    monkeypatch.setattr(ports, "KERNELS_OWN", tmp_path / "range")
    assert len(set(free_ports(3))) == 3


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(OSError, match="assign"):
        free_port("192.0.2.1")
