"""How many requests a key may send: a token bucket each, and the headers that say so.

Buckets live in the memory of one ingress replica: behind n replicas a key gets up to n times the rate. That is enough
to keep one client from crowding out the others; what costs money is limited by the queue, in the database.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from models.errors import VitrineError

MOST_BUCKETS = 100_000  # about 25 MB; beyond it the one that was idle longest goes, and its key starts afresh
EPSILON = 1e-6  # tokens and seconds; rounding must not refuse who waited as long as told


class LimitError(VitrineError):
    """A rate or a cost that no bucket can serve."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`reset_s`: until the bucket is full again, and for a refused request until it would be allowed."""

    allowed: bool
    remaining: int
    reset_s: float
    limit: int


class Limiter:
    """`burst` requests at once, `rate_per_s` in the long run. For one event loop: calls must not overlap."""

    def __init__(self, rate_per_s: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        if not (0 < rate_per_s < math.inf and burst >= 1):
            raise LimitError(f"rate {rate_per_s}/s with burst {burst} serves nobody; both must be above 0 and finite")
        self._rate, self._burst, self._clock = rate_per_s, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> tokens, when; idle ones first

    def take(self, key: str, cost: int = 1) -> Decision:
        """Takes `cost` tokens, or none where there are too few. Raises LimitError for a cost no bucket can hold."""
        if not 1 <= cost <= self._burst:
            raise LimitError(f"a cost of {cost} never passes: 1 to {self._burst} tokens at once; send less in one go")
        at = self._clock()
        tokens = self._filled(self._buckets.get(key, (self._burst, at)), at)
        allowed = tokens + EPSILON >= cost
        if allowed:
            tokens -= cost
        self._buckets[key] = (tokens, at)
        self._buckets.move_to_end(key)
        self._drop_old(at)
        missing = self._burst - tokens if allowed else cost - tokens
        return Decision(allowed, int(tokens + EPSILON), missing / self._rate, self._burst)

    def headers(self, decision: Decision) -> dict[str, str]:
        """Fields of draft-ietf-httpapi-ratelimit-headers; `Retry-After` names the same moment as `t`."""
        window, reset = _whole(self._burst / self._rate), _whole(decision.reset_s)
        named = {
            "RateLimit-Policy": f'"default";q={decision.limit};w={window}',
            "RateLimit": f'"default";r={decision.remaining};t={reset}',
        }
        return named if decision.allowed else named | {"Retry-After": str(reset)}

    def __len__(self) -> int:
        """Buckets in memory."""
        return len(self._buckets)

    def _filled(self, bucket: tuple[float, float], at: float) -> float:
        tokens, since = bucket
        return min(self._burst, tokens + (at - since) * self._rate)

    def _drop_old(self, at: float) -> None:
        """A bucket that is full again is as good as none."""
        while len(self) > MOST_BUCKETS or self._filled(next(iter(self._buckets.values())), at) >= self._burst:
            self._buckets.popitem(last=False)


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds - EPSILON))
