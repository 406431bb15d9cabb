"""What the image starts in HAProxy's place: Ray's configuration with its statistics closed and its clients named."""

import os
import subprocess
from pathlib import Path

from serve_app.haproxy import write_start

# The lines of Ray's template that the script is there for, and the least around them that HAProxy accepts.
RAYS = """global
    maxconn 10
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend prometheus
    bind :9101
frontend http_frontend
    bind *:8000
listen stats
    bind *:8404
    stats enable
"""


def test_haproxy_takes_the_mended_configuration(tmp_path: Path) -> None:
    script, configuration = tmp_path / "haproxy", tmp_path / "haproxy.cfg"
    write_start(script)
    configuration.write_text(RAYS, "utf-8")
    checked = subprocess.run([script, "-db", "-f", configuration, "-c"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    lines = [line.strip() for line in configuration.read_text("utf-8").splitlines()]
    assert [line for line in lines if line.startswith("bind")] == [
        "bind 127.0.0.1:9101",
        "bind *:8000",  # what Ray makes of the host 0.0.0.0
        "bind 127.0.0.1:8404",
    ]
    assert "option forwardfor" in lines


def test_any_user_of_the_image_may_start_it(tmp_path: Path) -> None:
    script = tmp_path / "haproxy"
    write_start(script)
    assert script.stat().st_mode & 0o777 & 0o111 == 0o111
    assert os.access(script, os.X_OK)
