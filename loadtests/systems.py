"""The systems that are compared: how each is started, how it is asked, and what it counts."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from loadtests.processes import serving
from loadtests.traffic import Request
from serve_app.ports import free_port

START_S = 300.0
OWN = ("litserve", "bentoml")  # from the environment of loadtests.peers.environment
BUSY = (429, 503)
FOR_THE_JOB = 0.95  # of the time that is left: the picture is fetched after it
ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",  # threads of five models on two cores must not spin
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",  # its 5 s are too short where others start as well
}


@dataclass(frozen=True)
class System:
    """A running one; `ask` gives the outcome of a request: ok, left, refused, or failed with what was said."""

    name: str
    http: httpx.AsyncClient

    async def ask(self, request: Request) -> str:
        try:
            async with asyncio.timeout(request.leaves_after_s):
                body = {"bodies": [request.body]} if self.name == "bentoml" else request.body
                answer = await self.http.post("/draw", json=body)
        except TimeoutError:
            return "left"
        if not answer.is_success:
            return _declined(answer)
        said = answer.json()[0] if self.name == "bentoml" else answer.json()
        return "ok" if said["status"] == "succeeded" and said["png"] else f"failed: {said['status']}"

    async def counted(self) -> dict[str, Any]:
        """What it counts by itself: changes of adapters, and orders that were drawn."""
        try:
            answer = await self.http.get("/health")
        except httpx.HTTPError:
            return {}
        said = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
        return said if "changed" in said else {}


class Vitrine(System):
    """The article route as its users call it, and its picture. Who leaves cancels the job; who has no use for a late
    answer says so, for which the other systems have no way."""

    async def ask(self, request: Request) -> str:
        if request.leaves_after_s is not None:
            return await self._left(request, request.leaves_after_s)
        answer = await self.http.post("/v1/articles", json=request.body, headers=_patience(request))
        if not answer.is_success:
            return _declined(answer)
        record = answer.json()
        if record["status"] != "succeeded":
            return f"failed: {record['status']}"
        shown = await self.http.get(record["picture_url"])
        return "ok" if shown.is_success and shown.content else _declined(shown)

    async def counted(self) -> dict[str, Any]:
        return {}

    async def _left(self, request: Request, after_s: float) -> str:
        columns = {name: value for name, value in request.body.items() if name != "options"}
        order = {"input": columns, "options": request.body["options"]}
        job = await self.http.post("/v1/jobs", json=order, headers=_patience(request))
        if not job.is_success:
            return _declined(job)
        await asyncio.sleep(after_s)
        gone = await self.http.post(f"/v1/jobs/{job.json()['id']}/cancel")
        return "left" if gone.is_success else _declined(gone)


def _patience(request: Request) -> dict[str, str]:
    return {} if request.within_s is None else {"Cancel-After": f"{FOR_THE_JOB * request.within_s:.3f}"}


def _declined(answer: httpx.Response) -> str:
    return "refused" if answer.status_code in BUSY else f"failed: {answer.status_code}"


@contextlib.contextmanager
def started(name: str, config: Path, home: Path) -> Iterator[str]:
    """Runs a system in a session of its own and gives its URL once it answers; stops what it started.

    `config` and `home`, an empty folder, are Vitrine's.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    path = {"vitrine": "/healthz", "bentoml": "/readyz"}.get(name, "/health")
    with serving(name, _command(name, port, config, home), url + path, START_S, ENVIRONMENT):
        yield url


def _command(name: str, port: int, config: Path, home: Path) -> list[str]:
    if name == "vitrine":
        command = ["-m", "serve_app.cli", "serve", "--port", str(port), "--config", str(config), "--home", str(home)]
        return [sys.executable, *command]
    if name in OWN:
        from loadtests.peers import environment

        return [str(environment.python()), "-m", f"loadtests.peers.{name}", "--port", str(port)]
    return [sys.executable, "-m", f"loadtests.peers.{name}", "--port", str(port)]
