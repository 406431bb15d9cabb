"""What a replica tells of its calls: how long each stood in line and was at work, and how full its batches were."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.telemetry import traces
from models.telemetry.ids import Sender
from models.telemetry.metrics import BATCH_FILL, STAGE_SECONDS


@dataclass(slots=True, eq=False)
class Visit:
    """One call in a replica; times in seconds since 1970, None while it has not come to it."""

    arrived: float
    began: float | None = None
    ended: float | None = None

    def worked(self, seconds: float) -> None:
        """The last so many seconds were work, and what came before was waiting."""
        self.ended = time.time()
        self.began = max(self.arrived, self.ended - seconds)


class Stage:
    """One per replica; `room`: places in a batch."""

    def __init__(self, name: str, room: int) -> None:
        self._name, self._room = name, room
        self._inside = 0

    @contextlib.contextmanager
    def entered(self, sender: Sender) -> Iterator[Visit]:
        """Around one call, from its arrival to its answer."""
        visit = Visit(time.time())
        with sender.received():
            try:
                yield visit
            finally:
                self._left(visit)

    @contextlib.contextmanager
    def together(self, visits: Sequence[Visit]) -> Iterator[None]:
        """Around the work on one batch."""
        self.filled(len(visits))
        began = time.time()
        try:
            yield
        finally:
            for visit in visits:
                visit.began, visit.ended = began, time.time()

    @contextlib.contextmanager
    def joined(self, sender: Sender) -> Iterator[None]:
        """Around a call that is worked on from its arrival, beside those that are there already."""
        self._inside += 1
        self.filled(min(self._inside, self._room))
        try:
            with self.entered(sender) as visit:
                yield
                visit.worked(time.time() - visit.arrived)
        finally:
            self._inside -= 1

    def filled(self, places: float) -> None:
        """So many places of a batch were taken."""
        BATCH_FILL(places / self._room, stage=self._name)

    def _left(self, visit: Visit) -> None:
        if visit.began is None or visit.ended is None:
            return  # it was called off, or failed, before anything was known of it
        STAGE_SECONDS(visit.began - visit.arrived, stage=self._name, part="queue")
        STAGE_SECONDS(visit.ended - visit.began, stage=self._name, part="work")
        traces.past(f"{self._name}: in line", visit.arrived, visit.began)
        traces.past(f"{self._name}: at work", visit.began, visit.ended)
