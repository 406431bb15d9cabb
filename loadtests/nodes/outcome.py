"""What came of a fault: the claims that must hold, a table, and one JSON value."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loadtests.chaos.ledger import Jobs
from loadtests.nodes.callers import FAILED, Seen
from loadtests.nodes.faults import Fault
from loadtests.nodes.probes import Look
from serve_app.capacity.twin import quantile

WHOLE_S = 120.0  # after the fault's end; on two busy cores the processes of a head alone take ten to thirty
GOES_ON = 0.5  # of the usual rate of jobs that end, where a fault leaves others that can do the work
SETTLED_S = 1.0  # after a blow: what was on its way may still be answered as before
ANSWER_S = 35.0  # a probe waits so long at most: a bucket's request that hangs is given 30 s
Stretch = tuple[float, float]  # from when until when, in seconds since 1970


@dataclass(frozen=True)
class Round:
    """One time of a fault: when each blow stood, seconds from the fault's end until all was whole, what callers and
    probes saw, and what the service said was missing when each blow had stood."""

    blows: list[Stretch]
    whole_s: float
    seen: Seen
    looks: Sequence[Look]
    said: list[dict[str, str]]


@dataclass(frozen=True)
class Outcome:
    """`rates`: jobs that ended per second, in the calm and then under each blow of each round."""

    name: str
    fault: Fault
    calm: Seen
    rounds: list[Round]
    rates: list[float]
    jobs: Jobs

    @property
    def claims(self) -> dict[str, bool]:
        """Claim -> whether it holds."""
        unheard = {key for each in (self.calm, *(each.seen for each in self.rounds)) for key in each.unheard}
        claims = {
            "client-visible failures at most .1 %": self.failed.total() <= FAILED * self.calls,
            **self.jobs.claims(unheard),
            f"whole {WHOLE_S:g} s after the end": all(each.whole_s <= WHOLE_S for each in self.rounds),
            f"every answer within {ANSWER_S:g} s": all(
                look.seconds <= ANSWER_S for each in self.rounds for look in each.looks
            ),
        }
        return claims | self._of_blows()

    def _of_blows(self) -> dict[str, bool]:
        claims = {}
        for number, expected in enumerate(self.fault.answers):
            for what, statuses in expected.items():
                named = " or ".join(map(str, sorted(statuses)))
                claims[f"blow {number + 1}: {what} answers {named}"] = self._hears(number, what, statuses)
        for number, role in enumerate(self.fault.names):
            claims[f"blow {number + 1}: the service names the {role}"] = all(
                role in each.said[number] for each in self.rounds
            )
        for number, goes_on in enumerate(self.fault.goes_on):
            if goes_on:
                rates = self.rates[1 + number :: len(self.fault.blows)]
                claims[f"blow {number + 1}: others go on"] = min(rates) >= GOES_ON * self.rates[0]
        if self.fault.slower is not None:
            calm_s, fault_s = self.p95_s
            claims[f"p95 at most {self.fault.slower:g} times the usual"] = fault_s <= self.fault.slower * calm_s
        return claims

    @property
    def failed(self) -> Counter[str]:
        return sum((each.seen.failures for each in self.rounds), Counter())

    @property
    def calls(self) -> int:
        return sum(each.seen.calls for each in self.rounds)

    @property
    def p95_s(self) -> tuple[float, float]:
        """Of the callers' jobs, in the calm and in the rounds."""
        return _p95(self.calm.seconds), _p95([second for each in self.rounds for second in each.seen.seconds])

    def show(self) -> None:
        """The table."""
        calm_s, fault_s = self.p95_s
        print(f"{self.name}: {len(self.rounds)} times; {self.calls} requests, {self.failed.total()} failed: ", end="")
        print(dict(self.failed) or "none")
        print(f"jobs ended per second: {[round(rate, 2) for rate in self.rates]}, the first in the calm")
        print(f"p95 of callers' jobs: {calm_s:.1f} s in the calm, {fault_s:.1f} s with the fault")
        print(f"whole after {[round(each.whole_s, 1) for each in self.rounds]} s")
        for (number, what), looks in self._table().items():
            statuses = dict(Counter(look.status for look in looks))
            print(f"blow {number + 1} {what:<11}{statuses}, the slowest {max(look.seconds for look in looks):.1f} s")
        print(self.jobs.said())
        for claim, holds in self.claims.items():
            print(f"{'holds' if holds else 'FAILS':<7}{claim}")

    def document(self) -> dict[str, Any]:
        """As one JSON value."""
        calm_s, fault_s = self.p95_s
        return {
            "benchmark": "nodes fail", "fault": self.name, "models": "simulated", "times": len(self.rounds),
            "requests": self.calls, "failures": dict(self.failed), **self.jobs.counted(),
            "rates": [round(rate, 3) for rate in self.rates], "p95_s": [round(calm_s, 2), round(fault_s, 2)],
            "whole_s": [round(each.whole_s, 1) for each in self.rounds], "said": [each.said for each in self.rounds],
            "claims": self.claims,
        }  # fmt: skip

    def _hears(self, blow: int, what: str, statuses: frozenset[int]) -> bool:
        """Whether a probe heard only these, with the time to come back where it was sent away."""
        looks = self._table().get((blow, what), [])
        return bool(looks) and all(look.status in statuses and (look.status < 500 or look.again) for look in looks)

    def _table(self) -> dict[tuple[int, str], list[Look]]:
        """Blow and question -> what was heard while the blow stood."""
        found: dict[tuple[int, str], list[Look]] = {}
        for each in self.rounds:
            for number, (since, until) in enumerate(each.blows):
                for look in each.looks:
                    if since + SETTLED_S <= look.at and look.at + look.seconds <= until:
                        found.setdefault((number, look.what), []).append(look)
        return found


def _p95(seconds: Sequence[float]) -> float:
    found = quantile(sorted(seconds), 0.95)
    return math.nan if found is None else found
