"""How many replicas of each deployment run, from one moment to the next."""

import threading
import time
from dataclasses import dataclass, field

EVERY_S = 0.25  # each look is work for the controller, which starts the replicas
RUNNING, STARTING = "RUNNING", "STARTING"  # names of Serve's


@dataclass(frozen=True)
class Seen:
    """`at`: time.monotonic(); deployment -> replicas that take requests, and that were asked for."""

    at: float
    running: dict[str, int]
    asked: dict[str, int]


@dataclass
class Watching:
    """Looks from a thread of its own while the block runs; this process must be connected to the cluster."""

    application: str = "vitrine"
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> "Watching":
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def now(self, deployment: str) -> int:
        """As it was last seen."""
        return self.seen[-1].running.get(deployment, 0) if self.seen else 0

    def first(self, deployment: str, replicas: int, after: float) -> tuple[float | None, float | None]:
        """Seconds after that moment until a deployment was first asked for so many, and had them; None: not yet."""
        later = [one for one in self.seen if one.at >= after]
        asked = next((one.at - after for one in later if one.asked.get(deployment, 0) >= replicas), None)
        return asked, next((one.at - after for one in later if one.running.get(deployment, 0) >= replicas), None)

    def most(self, after: float = 0.0) -> dict[str, int]:
        """Deployment -> the most replicas that ran at once."""
        looks = [one.running for one in self.seen if one.at >= after]
        return {name: max(look.get(name, 0) for look in looks) for name in sorted({n for look in looks for n in look})}

    def _look(self) -> None:
        from ray import serve

        while not self._over.wait(EVERY_S):
            found = serve.status().applications.get(self.application)
            if found is not None:
                states = {name: dict(one.replica_states) for name, one in found.deployments.items()}
                running = {name: counts.get(RUNNING, 0) for name, counts in states.items()}
                asked = {name: counts.get(RUNNING, 0) + counts.get(STARTING, 0) for name, counts in states.items()}
                self.seen.append(Seen(time.monotonic(), running, asked))
