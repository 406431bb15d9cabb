"""When a call is made again and after which pause; decides, and never waits by itself."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0  # between tries of a service that names no time
LONGEST_NAMED_S = 60.0  # a service that names a longer time is not waited for
LOOK_S, LONGEST_LOOK_S = 0.2, 2.0  # between looks at what is not over
PASSING = frozenset({408, 429, 502, 503, 504})
REFUSED = frozenset({429})  # for certain nothing was done
BUSY = frozenset({429, 503})
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Retries:
    """`most` tries after the first; for `patience_s` an answer that names a time to come back costs none of them."""

    most: int = 2
    patience_s: float = 0.0


class Tries:
    """The tries of one call; `repeatable`: that it was done already does no harm."""

    def __init__(self, retries: Retries, repeatable: bool = True) -> None:
        self._retries, self._repeatable, self._made = retries, repeatable, 0
        self._patient_until = time.monotonic() + retries.patience_s

    def after(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Seconds until the next try; None when there is none."""
        if isinstance(outcome, httpx.TransportError):
            return self._next(None) if self._may_repeat(outcome) else None
        if not self._passes(outcome):
            return None
        named = retry_after(outcome) if outcome.status_code in BUSY else None
        return self._next(named)

    def _passes(self, answer: httpx.Response) -> bool:
        if answer.status_code in REFUSED or is_lost(answer):
            return True
        return self._repeatable and (answer.status_code in PASSING or is_broken_off(answer))

    def _may_repeat(self, error: httpx.TransportError) -> bool:
        # Who answers nothing for so long works, or will not answer the next time either.
        if isinstance(error, httpx.ReadTimeout | httpx.UnsupportedProtocol):
            return False
        return self._repeatable or isinstance(error, NOT_SENT)

    def _next(self, named: float | None) -> float | None:
        left = self._patient_until - time.monotonic()
        if named is not None and left > 0 and named <= max(left, LONGEST_NAMED_S):
            return max(named, FIRST_PAUSE_S) * random.uniform(1.0, 1.2)
        if self._made >= self._retries.most or (named or 0.0) > LONGEST_NAMED_S:
            return None
        # Spread, so that callers who were sent away together do not come back together.
        pause = min(FIRST_PAUSE_S * 2.0**self._made, LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)
        self._made += 1
        return max(pause, named or 0.0)


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the header names, as a number or a date; None without it."""
    value = response.headers.get("Retry-After", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def is_lost(response: httpx.Response) -> bool:
    """A proxy answers 404 in plain text while the service behind it restarts; the service's own 404 is JSON."""
    return response.status_code == 404 and "json" not in response.headers.get("content-type", "json")


def is_broken_off(response: httpx.Response) -> bool:
    """A proxy answers 500 for a service that died on the way; the service's own 500 is a problem document."""
    problem = response.headers.get("content-type", "").startswith("application/problem+json")
    return response.status_code == 500 and not problem


def looks(within_s: float | None) -> Iterator[float]:
    """Pauses after looks at something that is not over, without an end or until `within_s` have passed."""
    pause, until = LOOK_S, time.monotonic() + (float("inf") if within_s is None else within_s)
    while True:
        left = until - time.monotonic()
        yield max(0.0, min(pause, left))
        if left <= 0:
            return
        pause = min(1.5 * pause, LONGEST_LOOK_S)
