"""The application over doubles on a socket of this machine, for clients that block."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from bench import Bench
from in_process import Conducting, serving

from serve_app.api.app import create_app


@contextmanager
def over_http(folder: Path, port: int = 0, **troubles: Any) -> Iterator[str]:
    """The base URL of a service that runs until the block ends; `troubles` of its doubles."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()  # who calls before the service is up waits
        running: list[uvicorn.Server] = []

        async def serve() -> None:
            bench = Bench(**troubles)
            async with serving(folder, bench.steps(), bench.fleet()) as service:
                config = uvicorn.Config(create_app(service), log_level="error", timeout_graceful_shutdown=1)
                running.append(uvicorn.Server(config))
                await running[0].serve([listening])
                assert isinstance(service.conductor, Conducting)
                await service.conductor.worker.drain(0.0)  # as a replica that is stopped

        thread = threading.Thread(target=asyncio.run, args=(serve(),))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            running[0].should_exit = True
            thread.join()
