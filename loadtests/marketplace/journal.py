"""What the users of a load test saw: every request, and every job that they were promised."""

import itertools
from collections import Counter
from dataclasses import astuple, dataclass, field
from typing import Any, Literal

Outcome = Literal["ok", "refused", "failed"]
BUSY = (429, 503)  # with Retry-After: the service says that it has no room, which is no failure


@dataclass(frozen=True, slots=True)
class Seen:
    """One request; `at_s`: seconds since 1970 when it was due, `seconds` from then until its answer."""

    at_s: float
    kind: str
    seconds: float
    outcome: Outcome
    said: str = ""  # of a failure


@dataclass
class Journal:
    """`accepted`: jobs that the service said yes to; `ended`: those of them that somebody saw end, by state."""

    seen: list[Seen] = field(default_factory=list)
    accepted: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    @property
    def lost(self) -> int:
        """Jobs that were accepted and have not ended."""
        return self.accepted - self.ended.total()

    def taken(self) -> dict[str, Any]:
        """All of it as a JSON value, and the journal is empty: what a worker sends to its master."""
        document = {
            "seen": [list(astuple(one)) for one in self.seen], "accepted": self.accepted, "ended": dict(self.ended)
        }  # fmt: skip
        self.seen, self.accepted, self.ended = [], 0, Counter()
        return document

    def add(self, document: dict[str, Any]) -> None:
        """What `taken` gave in another process."""
        self.seen += itertools.starmap(Seen, document["seen"])
        self.accepted += document["accepted"]
        self.ended.update(document["ended"])


def outcome_of(status: int, meant: tuple[int, ...]) -> Outcome:
    """Of an answer with this HTTP status, where `meant` were hoped for; 0: there was none."""
    if status in meant:
        return "ok"
    return "refused" if status in BUSY else "failed"
