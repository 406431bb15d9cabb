"""A Redis server of one's own on loopback, gone with the block that started it."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

from serve_app.ports import free_port

STARTS_IN_S = 30.0


def binary() -> str | None:
    """Where the PATH has a Redis or Valkey server; None on a machine without one."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The address (host:port) of an empty server that keeps what it holds in memory."""
    program = binary()
    assert program is not None, "no redis-server on this machine; on Debian: apt-get install redis-server"
    port = free_port()
    folder = tempfile.mkdtemp(prefix="vitrine-redis-", dir="/tmp")
    options = {"port": port, "bind": "127.0.0.1", "dir": folder, "save": "", "appendonly": "no"}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)  # noqa: S603 - found by us
    try:
        _listens(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _listens(port: int) -> None:
    until = time.monotonic() + STARTS_IN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
