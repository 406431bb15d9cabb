"""Inside `pod.sh`: starts Ray as the operator does, gives it the Serve config and prints as JSON what was seen."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

GIVEN = Path("/opt/vitrine/given")
TOKEN = "0123456789abcdef" * 2
HERE, POD = "http://localhost", "http://10.1.2.3"
APPLICATIONS = f"{HERE}:8265/api/serve/applications/"
LISTING = {"name": "Herren-T-Shirt", "model_descr": "r-neck,basic,dark blue,mel", "options": {"candidates": 1}}
# As the operator starts a head; where it ends on a busy machine it is started again, as a node would restart the pod.
RAY = (
    "for start in 1 2 3; do python -m ray.scripts.scripts start --head --block --dashboard-host=0.0.0.0 "
    "--metrics-export-port=8080 --num-cpus=4 --object-store-memory=1073741824; done"
)
UP_S = 500.0  # six models load, and other work may be beside it


def main() -> None:
    environment = json.loads((GIVEN / "environment.json").read_text("utf-8"))
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}
    os.environ.clear()
    os.environ.update({**kept, **environment, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN})
    with Path("/tmp/ray.log").open("w") as log:
        subprocess.Popen(["bash", "-c", RAY], stdout=log, stderr=log)
        print(json.dumps(seen()))


def seen() -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    until(lambda: asked(f"{HERE}:8265/api/version", headers=bearer) == 200)
    config = json.loads((GIVEN / "serve.json").read_text("utf-8"))
    without = asked(APPLICATIONS)
    until(lambda: sent("PUT", APPLICATIONS, json=config, headers=bearer).status_code == 200)  # as the operator: again
    until(lambda: asked(f"{HERE}:8000/healthz") == 200)
    article = sent("POST", f"{HERE}:8000/v1/articles", json=LISTING)
    return {
        "user": os.getuid(),
        "writable": [place for place in ("/", "/etc", "/opt/vitrine/app", "/usr") if os.access(place, os.W_OK)],
        "applications without token": without,
        "probe": probe(),
        "article": [article.status_code, article.json().get("status")],
        "door": asked(f"{POD}:8000/healthz"),
        "stranger": asked(f"{POD}:8000/v1/models"),
        "statistics": [asked(f"{POD}:8404/stats"), asked(f"{POD}:9101/metrics")],
        "metrics": "ray_vitrine" in sent("GET", f"{POD}:8080/metrics").text,
    }


def probe() -> bool:
    """As KubeRay asks a worker whether it is ready."""
    ways = [
        f"wget -T 4 -q -O- {HERE}:{port} | grep success"
        for port in ("52365/api/local_raylet_healthz", "8000/-/healthz")
    ]
    return subprocess.run(["bash", "-c", " && ".join(ways)], capture_output=True, check=False).returncode == 0


def asked(url: str, **options: Any) -> int:
    return sent("GET", url, **options).status_code


def sent(method: str, url: str, **options: Any) -> httpx.Response:
    """The answer; status 0 and why as text where there is none."""
    try:
        return httpx.request(method, url, timeout=300, **options)
    except httpx.HTTPError as error:
        return httpx.Response(0, json={"status": repr(error)})


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + UP_S
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(Path("/tmp/ray.log").read_text()[-2000:])
        time.sleep(1)


if __name__ == "__main__":
    main()
