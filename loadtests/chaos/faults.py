"""Six faults, and how long each of them is felt."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import psycopg

from loadtests.chaos.service import HEAD, Supervisor
from loadtests.postgres_server import Server

KILLED = {
    "conductor": ("ray::ServeReplica:vitrine:conductor",),
    "renderer": ("ray::ServeReplica:vitrine:renderer",),
    "ingress": ("ray::ServeReplica:vitrine:ingress",),
    "controller": ("ray::ServeController",),
    "head": HEAD,
}
FAULTS = (*KILLED, "database")
DOWN_S = (0.2, 2.0)  # how long the database stays away, drawn evenly
LOOK_S = 0.1
PATIENCE_S = 180.0  # four times the start of the service on a busy machine


class CampaignError(Exception):
    """The campaign could not do what it is for; says which fault and what was missing."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault. Seconds from the kill until /healthz answered 200 again, by what replaced the dead, and until a job
    sent after the kill had ended; `in_work`: jobs that were running when it struck."""

    fault: str
    in_work: int
    healthy_s: float
    probe_s: float


class Ground:
    """What the faults strike: the service under its supervisor, and its database."""

    def __init__(self, service: Supervisor, server: Server, rng: random.Random) -> None:
        self.service, self.server = service, server
        self._rng = rng

    def strike(self, fault: str, probe: Callable[[], None]) -> Blow:
        """Waits for work, kills, and measures until all is as before."""
        in_work = self._in_work()
        if fault == "database":
            self.server.kill()
        elif not (dead := self.service.kill(KILLED[fault])):
            raise CampaignError(f"no process of the {fault} was there to be killed; see {self.service.log}")
        began = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            probing = pool.submit(_seconds, probe, began)
            if fault == "database":
                time.sleep(self._rng.uniform(*DOWN_S))
                self.server.start()
            else:
                self._replaced(fault, dead)
            healthy_s = _seconds(self.healthy, began)
            return Blow(fault, in_work, healthy_s, probing.result())

    def healthy(self) -> None:
        """Until /healthz answers 200; raises CampaignError."""
        _wait(self._answers, "/healthz did not answer 200")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.service.base_url}/healthz", timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def _replaced(self, fault: str, dead: set[int]) -> None:
        names = KILLED[fault]
        _wait(lambda: all(self.service.pids(name) - dead for name in names), f"nothing replaced the {fault}")

    def _in_work(self) -> int:
        """Jobs that run at a random moment when there are any."""
        time.sleep(self._rng.uniform(0.2, 1.5))
        with psycopg.connect(self.server.admin("vitrine"), autocommit=True) as connection:
            found: list[int] = []

            def working() -> bool:
                row = connection.execute("SELECT count(*) FROM jobs WHERE state = 'running'").fetchone()
                found.append(row[0] if row else 0)
                return found[-1] > 0

            _wait(working, "no job was in work")
            return found[-1]


def _seconds(wait: Callable[[], None], began: float) -> float:
    wait()
    return time.monotonic() - began


def _wait(until: Callable[[], bool], lacking: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not until():
        if time.monotonic() > end:
            raise CampaignError(f"{lacking} within {PATIENCE_S:g} s")
        time.sleep(LOOK_S)
