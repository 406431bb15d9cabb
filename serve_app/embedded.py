"""The whole service on this machine: HTTP on loopback, a Ray of its own, stopped with the block that started it.

Never touches another Ray: own ports, own token, own temporary folder, and only its own processes are stopped.
"""

import contextlib
import logging
import math
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import httpx

from models.errors import VitrineError
from serve_app import haproxy
from serve_app.doctor import LAPTOP, examine
from serve_app.ports import free_port
from serve_app.serve_config import ServeConfigError, checked

__all__ = ["LAPTOP", "EmbeddedError", "running", "watch"]
START_TIMEOUT_S = 600.0  # a machine that trains beside it gives the imports little
STARTS = 3
POLL_S = 0.25
HEAD = ("gcs_server", "raylet")  # what Ray starts once and never again
OBJECT_STORE = 256 * 1024**2  # bytes of shared memory: a few hundred pictures in flight
# Read by Ray when it is imported or started: no statistics, no log lines on the terminal.
FOR_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",  # its 5 s are too short for a busy machine
    "RAY_worker_niceness": "0",  # its 15 starves the service beside any other work of the machine
    # One loop per replica instead of three: each hop costs less. No code of ours may block it.
    "RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD": "0",
    "RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP": "0",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads of five models on two cores must not spin
}


class EmbeddedError(VitrineError):
    """The embedded service did not come up; says why and where its logs lie."""


Progress = Callable[[str], None]


@contextlib.contextmanager
def running(
    config: Path = LAPTOP,
    host: str = "127.0.0.1",
    port: int = 8000,
    home: Path | None = None,
    progress: Progress = lambda _: None,
) -> Iterator[str]:
    """Gives the base URL once `/healthz` answers 200; `port` 0 takes a free one. Raises EmbeddedError."""
    port = _listening(host, port)
    # Unix sockets allow 107 characters, so not below a deep TMPDIR.
    folder = Path(tempfile.mkdtemp(prefix="vitrine-", dir="/tmp"))
    # First the environment, then whatever imports Ray.
    own = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)} | haproxy.environment(folder)
    with environment(FOR_RAY | own):
        try:
            deploy = _configured(config, host, port, home)
            try:
                _start(deploy, folder)
                ready(f"http://{host}:{port}", len(deploy["applications"][0]["deployments"]), progress)
            except EmbeddedError as error:
                raise EmbeddedError(f"{error}; logs are in {_kept_logs(folder)}") from None
            yield f"http://{host}:{port}"
        finally:
            _stop(folder)


def watch() -> NoReturn:
    """Waits beside a running service; raises EmbeddedError when Ray's head died, which only a new start mends.

    Without its head the service would still answer for a minute, replace nothing that dies, and then end by itself.
    """
    from ray._private.worker import _global_node

    while True:
        if dead := [kind for kind, _ in _global_node.dead_processes() if kind in HEAD]:
            raise EmbeddedError(f"Ray lost its {' and '.join(dead)}; start the service again")
        time.sleep(POLL_S)


@contextlib.contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """These variables for this process and what it starts, until the block ends; before Ray starts."""
    before = {name: os.environ.get(name) for name in values}
    os.environ |= values
    _reread_auth()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _reread_auth()


def _reread_auth() -> None:
    """Ray reads mode and token once, when it is imported; this process must read what its children will."""
    from ray._raylet import AuthenticationTokenLoader, Config  # type: ignore[attr-defined]

    Config.initialize("")
    AuthenticationTokenLoader.instance().reset_cache()


def _listening(host: str, port: int) -> int:
    """The port, or a free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port or free_port(host)))
        except OSError as error:
            raise EmbeddedError(f"cannot listen on {host}:{port} ({error.strerror}); choose another --port") from None
        found: int = probe.getsockname()[1]
        return found


def _configured(config: Path, host: str, port: int, home: Path | None) -> dict[str, Any]:
    try:
        deploy = checked(config.read_text("utf-8"))
    except (OSError, ServeConfigError) as error:
        raise EmbeddedError(f"{config}: {error}") from None
    lacking = [check for check in examine(config).checks if check.state in ("missing", "refused")]
    if lacking:
        raise EmbeddedError("\n".join(f"{found.name}: {found.says}\n  {found.remedy}".rstrip() for found in lacking))
    application = deploy["applications"][0]
    deploy["http_options"] = (deploy.get("http_options") or {}) | {"host": host, "port": port}
    if home is not None:
        application["args"] = (application.get("args") or {}) | {"home": str(home.absolute())}
    return deploy


def _start(deploy: dict[str, Any], folder: Path) -> None:
    import ray

    if ray.is_initialized():
        raise EmbeddedError("this process is connected to a Ray already; start the service in a process of its own")
    wanted = sum(
        deployment.get("ray_actor_options", {}).get("num_cpus", 1)
        for deployment in deploy["applications"][0]["deployments"]
    )
    _init(
        num_cpus=max(os.cpu_count() or 1, math.ceil(wanted)),
        include_dashboard=False,
        object_store_memory=OBJECT_STORE,
        log_to_driver=False,
        logging_level="error",
        _temp_dir=str(folder),
    )
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    deployed(deploy)


def deployed(deploy: dict[str, Any]) -> None:
    """What `serve deploy` does over the dashboard, which does not run here; for a driver that is connected to Ray."""
    from ray import serve
    from ray.exceptions import RayError
    from ray.serve.context import _get_global_client
    from ray.serve.schema import ServeDeploySchema

    with contextlib.suppress(RayError):  # the controller starts a proxy again that was not ready in time
        serve.start(proxy_location=deploy.get("proxy_location", "HeadOnly"), http_options=deploy["http_options"])
    _get_global_client().deploy_apps(ServeDeploySchema.model_validate(deploy))


def _init(**options: Any) -> None:
    """Ray gives its own processes 30 s to come up, which a busy machine may need twice."""
    import ray

    handler = signal.getsignal(signal.SIGTERM)
    for left in reversed(range(STARTS)):
        try:
            ray.init(address="local", **options)
        except Exception as error:  # noqa: BLE001 - what Ray raises here is a bare Exception
            ray.shutdown()
            if not left:
                raise EmbeddedError(f"Ray did not start: {str(error).strip().splitlines()[0]}") from None
        else:
            break
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray has put its own there, which ends the process and cleans nothing


def ready(base_url: str, total: int, progress: Progress) -> None:
    """Until all deployments are healthy and the service answers; progress hears how many are."""
    from ray import serve

    until, said = time.monotonic() + START_TIMEOUT_S, ""
    while time.monotonic() < until:
        application = serve.status().applications.get("vitrine")
        if application is not None:
            if application.status in ("DEPLOY_FAILED", "UNHEALTHY"):
                raise EmbeddedError(f"the service did not start: {_cause(application)}")
            up = sum(found.status == "HEALTHY" for found in application.deployments.values())
            if (saying := f"{up} of {total} parts are up") != said:
                progress(said := saying)
            if application.status == "RUNNING" and _answers(base_url):
                return
        time.sleep(POLL_S)
    raise EmbeddedError(f"the service was not ready after {START_TIMEOUT_S:g} s ({said})")


def _answers(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/healthz", timeout=30, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _cause(application: Any) -> str:
    """The last line of the first message that says something: Ray's messages end with the exception."""
    messages = [found.message for found in application.deployments.values() if found.status != "HEALTHY"]
    for message in [*messages, application.message]:
        lines = [line.strip() for line in message.splitlines() if line.strip()]
        if lines:
            return str(lines[-1])
    return "no reason given"


def _kept_logs(folder: Path) -> Path:
    kept = Path(tempfile.mkdtemp(prefix="vitrine-logs-"))
    with contextlib.suppress(OSError, shutil.Error):
        shutil.copytree(folder / "session_latest" / "logs", kept, dirs_exist_ok=True)
    return kept


def _stop(folder: Path) -> None:
    import ray

    # Without serve.shutdown(): nothing that is lost here was accepted, and draining takes seconds.
    ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)
