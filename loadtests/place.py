"""Where a figure was measured, for the last line of every benchmark."""

import os
import platform
import socket


def place() -> dict[str, str | int | None]:
    """The machine and its cores."""
    return {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count()}


def free_port() -> int:
    """Of loopback, for a moment at least."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
