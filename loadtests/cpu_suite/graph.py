"""What the graph costs: `loadtests.graph_overhead`, in a process of its own because it starts a service."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from loadtests.cpu_suite.scale import Scale

AIM_MS = 15.0


async def measured(scale: Scale, config: Path) -> dict[str, Any]:
    """The figures of that benchmark's last line."""
    command = ("-m", "loadtests.graph_overhead", "--config", str(config), "--articles", str(scale.graph_articles))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"loadtests.graph_overhead ended with {process.returncode}")
    *lines, last = said.decode().splitlines()
    print("\n".join(lines))
    found: dict[str, Any] = json.loads(last)
    print(f"overhead at p50: {found['overhead_p50_ms']} ms (aim {AIM_MS:g})")
    return found
