"""Where a figure was measured, for the last line of every benchmark."""

import os
import platform


def place() -> dict[str, str | int | None]:
    """The machine and its cores."""
    return {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count()}
