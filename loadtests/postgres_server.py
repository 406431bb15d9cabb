"""A Postgres server of one's own on loopback, with full fsync, gone with the block that started it."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from loadtests.processes import kill
from serve_app.ports import free_port

STARTS_IN_S = 60.0


def binaries() -> Path | None:
    """Where Debian or the PATH has `initdb` and `postgres`; None on a machine without them."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class Server:
    """`url` of a database that an ordinary user owns: row security binds superusers never."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.url = f"postgresql://vitrine@127.0.0.1:{port}/vitrine"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        home = binaries()
        assert home is not None
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder}
        options = [f"--{name}={value}" for name, value in settings.items()]
        self._process = subprocess.Popen(  # noqa: S603 - found by us
            [*_as_postgres(), str(home / "postgres"), "-D", str(self.folder / "data"), *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + STARTS_IN_S
        while True:
            try:
                psycopg.connect(self.admin("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def admin(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def kill(self) -> None:
        """kill -9 of the whole server."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(pid)
        kill([*postmaster.children(), postmaster])
        assert self._process is not None
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def fresh(self) -> str:
        """The address of an empty database."""
        name = f"t{time.monotonic_ns()}"
        with psycopg.connect(self.admin("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER vitrine")
        return self.url.rsplit("/", 1)[0] + f"/{name}"


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server in a folder of its own."""
    home = binaries()
    assert home is not None
    folder = Path(tempfile.mkdtemp(prefix="vitrine-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    subprocess.run(  # noqa: S603 - found by us
        [*_as_postgres(), str(home / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    server = Server(folder, free_port())
    try:
        server.start()
        with psycopg.connect(server.admin("postgres"), autocommit=True) as connection:
            connection.execute("CREATE ROLE vitrine LOGIN")
            connection.execute("CREATE DATABASE vitrine OWNER vitrine")
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres() -> list[str]:
    """Postgres does not run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
