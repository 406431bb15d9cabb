"""Where a cluster's pictures lie when their place is to fail: a small disk of its own, or a bucket of its own."""

import contextlib
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import obstore
from obstore.store import from_url

from serve_app.ports import free_port

SIZE = 64  # MiB of the small disk; a simulated picture takes 20 KB
BALLAST = "ballast"


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """A disk in memory at `place`; needs the rights to mount one."""
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=700", "tmpfs", place], check=True)  # noqa: S603, S607
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S603, S607


def fill(place: Path) -> None:
    """Writes until there is no room."""
    piece = bytes(1024**2)
    with contextlib.suppress(OSError), (place / BALLAST).open("wb", buffering=0) as ballast:
        while True:
            ballast.write(piece)


def empty(place: Path) -> None:
    (place / BALLAST).unlink()


class Bucket:
    """A bucket behind a server that speaks S3, which can stop to listen and keeps what it holds."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line per request
        self._kind, self._port = ThreadedMotoServer, free_port()
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "VITRINE_OBJECTS": "s3://pictures/vitrine",
        }  # fmt: skip
        self.listen()
        httpx.put(f"http://127.0.0.1:{self._port}/pictures", trust_env=False).raise_for_status()

    def listen(self) -> None:
        self._server = self._kind(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        """From now on nobody listens at its address."""
        self._server.stop()

    def copied(self, folder: Path) -> Path:
        """Everything that it holds, as files below `folder`; within its environment."""
        store = from_url(self.environment["VITRINE_OBJECTS"])
        for name in [found["path"] for page in obstore.list(store) for found in page]:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(bytes(obstore.get(store, name).bytes()))
        return folder


def may_mount() -> bool:
    """Whether this process can have a disk of its own."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0  # noqa: S607
