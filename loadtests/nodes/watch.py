"""What the service says of itself: which parts are missing, and whether it is whole."""

import itertools
import time
from typing import Any

import httpx

from loadtests.chaos.faults import CampaignError
from loadtests.chaos.load import article, listings
from serve_app.client import Vitrine

ANSWER_S = 20.0  # /healthz asks a silent deployment for ten
LOOK_S = 0.5
PATIENCE_S = 300.0  # until all is whole again; what took longer is a finding of its own
FIRST = 1_000_000  # numbers of orders that no caller has


class Watch:
    """Asks with a key that may see everything; `wanted`: role -> replicas of the config."""

    def __init__(self, base_url: str, admin: str, wanted: dict[str, int]) -> None:
        headers = {"Authorization": f"Bearer {admin}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=ANSWER_S, trust_env=False)
        self._client, self._wanted = Vitrine(base_url, admin, max_retries=2), wanted
        self._numbers = itertools.count(FIRST)

    def missing(self) -> dict[str, str]:
        """Role -> what the service says of it, of those that do not answer or have fewer replicas than they should."""
        silent: dict[str, str] = self._read("/healthz").get("silent", {})
        return self._replicas() | silent

    def whole(self) -> str:
        """Waits until nothing is missing and an order has ended; its job. Raises CampaignError."""
        until = time.monotonic() + PATIENCE_S
        while missing := self.missing():
            if time.monotonic() > until:
                raise CampaignError(f"not whole within {PATIENCE_S:g} s: {missing}")
            time.sleep(LOOK_S)
        order = article(listings()[0], next(self._numbers)).body
        job = self._client.jobs.create_and_wait(order["input"], order["options"], timeout_s=PATIENCE_S)
        return job.id

    def _replicas(self) -> dict[str, str]:
        found = self._read("/v1/operations").get("replicas", {})
        if not found:
            return {"operations": "nobody says how many replicas run"}
        running = {role: found.get(role, {}).get("running", 0) for role in self._wanted}
        return {
            role: f"{running[role]} of {wanted} replicas run"
            for role, wanted in self._wanted.items()
            if running[role] < wanted
        }

    def _read(self, path: str) -> dict[str, Any]:
        """An answer as JSON, of a refusal too; empty where there is none."""
        try:
            answer: dict[str, Any] = self._http.get(path).json()
        except (httpx.TransportError, ValueError):
            return {}
        return answer
