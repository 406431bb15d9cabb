"""How often a replica's caches knew the answer, as a metric."""

from collections import Counter

from models.lru import lookups
from models.telemetry.metrics import CACHE_LOOKUPS


class Lookups:
    """Publishes what has been counted since it was last asked to."""

    def __init__(self) -> None:
        self._published: Counter[tuple[str, str]] = Counter()

    def publish(self) -> None:
        for (cache, outcome), count in list(lookups.items()):
            if more := count - self._published[cache, outcome]:
                CACHE_LOOKUPS(more, cache=cache, outcome=outcome)
                self._published[cache, outcome] = count
