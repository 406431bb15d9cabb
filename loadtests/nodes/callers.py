"""Callers with the client's own patience: two further tries, then a failure that somebody sees."""

import itertools
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from loadtests.chaos.load import Accepted, article, listings
from serve_app.client import Vitrine, VitrineClientError

FAILED = 0.001  # of the callers' requests: as many as may be seen to fail
POLL_S = 0.3  # how often a caller looks after its job
PAUSE_S = (0.1, 0.8)  # between two jobs of a caller, drawn evenly
JOB_S = 180.0  # a job that takes longer is given up by its caller, and counted as not ended


@dataclass
class Seen:
    """What one caller saw; `calls`: requests of the caller, whose tries the client keeps to itself; `unheard`: keys of
    orders that ended in a failure, so that the caller knows of no job."""

    accepted: list[Accepted] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    calls: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class Callers:
    """Threads that send articles and look after them until `stop`."""

    def __init__(self, base_url: str, secrets: dict[str, str], count: int, retries: int = 2, seed: int = 0) -> None:
        self._rows, self._numbers = listings(), itertools.count(1)
        self._stopping = threading.Event()
        tenants = itertools.islice(itertools.cycle(secrets.items()), count)
        self._seen = [Seen() for _ in range(count)]
        self._threads = [
            threading.Thread(
                target=self._work,
                args=(tenant, Vitrine(base_url, secret, max_retries=retries), seen, random.Random(f"{seed}:{place}")),
                daemon=True,
            )
            for place, ((tenant, secret), seen) in enumerate(zip(tenants, self._seen, strict=True))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> Seen:
        """No new jobs; those that were accepted are waited for. What all callers saw."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        return Seen(
            [job for seen in self._seen for job in seen.accepted],
            [key for seen in self._seen for key in seen.unheard],
            sum(seen.calls for seen in self._seen),
            sum((seen.failures for seen in self._seen), Counter()),
            [second for seen in self._seen for second in seen.seconds],
        )

    def _work(self, tenant: str, client: Vitrine, seen: Seen, rng: random.Random) -> None:
        while not self._stopping.is_set():
            order = article(rng.choice(self._rows), next(self._numbers))
            given = order.body["input"], order.body["options"]
            job = self._asked(seen, "create", client.jobs.create, *given, idempotency_key=order.key)
            if job is None:
                seen.unheard.append(order.key)
            else:
                seen.accepted.append(self._ended(seen, client, tenant, job.id))
            self._stopping.wait(rng.uniform(*PAUSE_S))

    def _ended(self, seen: Seen, client: Vitrine, tenant: str, name: str) -> Accepted:
        began = time.monotonic()
        while time.monotonic() - began < JOB_S:
            job = self._asked(seen, "get", client.jobs.get, name)
            if job is not None and job.over:
                seen.seconds.append(time.monotonic() - began)
                pictures = tuple(record.sha256 or "" for record in job.articles)
                return Accepted(name, tenant, "article", job.state, pictures)
            time.sleep(POLL_S)
        return Accepted(name, tenant, "article")

    def _asked(self, seen: Seen, what: str, call: Any, *given: Any, **named: Any) -> Any:
        seen.calls += 1
        try:
            return call(*given, **named)
        except VitrineClientError as error:
            seen.failures[f"{what}: {type(error).__name__} {error.code}"] += 1
            return None
