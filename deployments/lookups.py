"""How often a replica's caches knew the answer, as a metric of Ray's."""

from collections import Counter

from ray.serve import metrics

from models.lru import lookups


class Lookups:
    """Publishes what has been counted since it was last asked to."""

    def __init__(self) -> None:
        self._published: Counter[tuple[str, str]] = Counter()
        self._metric = metrics.Counter(
            "vitrine_cache_lookups",
            description="Lookups in the caches of a replica's model, by cache and outcome (hit or miss).",
            tag_keys=("cache", "outcome"),
        )

    def publish(self) -> None:
        for (cache, outcome), count in list(lookups.items()):
            if more := count - self._published[cache, outcome]:
                self._metric.inc(more, tags={"cache": cache, "outcome": outcome})
                self._published[cache, outcome] = count
