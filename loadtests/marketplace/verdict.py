"""Whether a load test kept its objectives: p95 per kind, failures, refusals counted apart, no accepted job lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.marketplace.journal import Journal, Seen
from serve_app.capacity.twin import quantile


@dataclass(frozen=True)
class Objectives:
    """`p95_s`: kind -> seconds; `failures`, `refusals`: shares of all requests, 0-1."""

    p95_s: Mapping[str, float]
    failures: float = 0.001
    refusals: float = 0.05


def summed(seen: Sequence[Seen], seconds: float) -> dict[str, Any]:
    """Kind -> count, rate per second, p50 and p95 in seconds of those that were answered, refused and failed ones."""
    found = {}
    for kind in sorted({one.kind for one in seen}):
        ours = [one for one in seen if one.kind == kind]
        times = sorted(one.seconds for one in ours if one.outcome == "ok")
        outcomes = Counter(one.outcome for one in ours)
        found[kind] = {
            "count": len(ours), "per_s": round(len(ours) / seconds, 3), "p50_s": _rounded(quantile(times, 0.5)),
            "p95_s": _rounded(quantile(times, 0.95)), "refused": outcomes["refused"], "failed": outcomes["failed"],
        }  # fmt: skip
    return found


def judged(journal: Journal, objectives: Objectives, seconds: float) -> dict[str, Any]:
    """The document of a test; `claims`: what must hold -> whether it does."""
    kinds, outcomes = summed(journal.seen, seconds), Counter(one.outcome for one in journal.seen)
    total = max(1, len(journal.seen))
    claims = {
        f"p95 of {kind} at most {limit:g} s": _held(kinds.get(kind), limit) for kind, limit in objectives.p95_s.items()
    }
    claims |= {
        f"failures at most {objectives.failures:.2%}": outcomes["failed"] / total <= objectives.failures,
        f"refusals at most {objectives.refusals:.2%}": outcomes["refused"] / total <= objectives.refusals,
        "every accepted job has ended": journal.lost == 0 and journal.accepted > 0,
        "no job ended as failed": not journal.ended["failed"],
    }
    return {
        "seconds": round(seconds, 1), "requests": len(journal.seen), "refused": outcomes["refused"],
        "failed": outcomes["failed"], "said": dict(Counter(one.said for one in journal.seen if one.said)),
        "jobs": {"accepted": journal.accepted, "ended": dict(journal.ended), "lost": journal.lost},
        "kinds": kinds, "objectives": asdict(objectives), "claims": claims, "holds": all(claims.values()),
    }  # fmt: skip


def _held(found: Mapping[str, Any] | None, limit_s: float) -> bool:
    """None of a kind answered is no proof."""
    return found is not None and found["p95_s"] is not None and bool(found["p95_s"] <= limit_s)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
