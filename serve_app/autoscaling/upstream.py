"""Work that has entered the story and not yet reached a stage, from what the conductors tell of their jobs.

Whoever waits for a job at the beginning will wait for a picture a few seconds later: stages downstream grow before the
wave comes, each by its own cost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serve_app.autoscaling.policy import Demand

Figures = Mapping[str, float]
URGENT, CATALOGUE = "interactive", "catalogue"  # the queue's lanes


@dataclass(frozen=True)
class Jobs:
    """What the conductors told, one mapping each (`conductor.ahead`, and `lane.waiting` of the queue they share)."""

    told: Sequence[Figures]

    def waiting(self, lane: str) -> float:
        """Jobs that nobody has claimed; all conductors see the same queue."""
        return max((figures.get(f"{lane}.waiting", 0.0) for figures in self.told), default=0.0)

    def working(self, lane: str) -> float:
        return self._sum(f"{lane}.working")

    def job_s(self, lane: str) -> float:
        return self._mean(f"{lane}.job_s")

    def ahead(self, lane: str, role: str) -> float:
        """Calls of a role that the jobs of a lane will still make."""
        return self._sum(f"{lane}.{role}.ahead") + self.waiting(lane) * self._mean(f"{lane}.{role}.per_job")

    def catalogue_share(self, role: str) -> float:
        """Of the calls of a role that are not answered yet."""
        urgent, catalogue = (self._sum(f"{lane}.{role}.asked") for lane in (URGENT, CATALOGUE))
        return catalogue / (urgent + catalogue) if catalogue else 0.0

    def _sum(self, name: str) -> float:
        return sum(figures.get(name, 0.0) for figures in self.told)

    def _mean(self, name: str) -> float:
        """Over the conductors that know; 0 of those that do not."""
        known = [figures[name] for figures in self.told if figures.get(name)]
        return sum(known) / len(known) if known else 0.0


@dataclass(frozen=True)
class Met:
    """What a stage's replicas and handles have met, in device-seconds; `cost_s`: of one call."""

    queued_s: float
    arriving_s_per_s: float
    cost_s: float


def demands(role: str, met: Met, jobs: Jobs) -> tuple[Demand, Demand]:
    """A stage's work as the lanes bring it: of who waits, and of catalogues.

    A catalogue comes as fast as it is taken, so its rate is no demand; what is left of it is.
    """
    share = jobs.catalogue_share(role)
    urgent_s, catalogue_s = (jobs.ahead(lane, role) * met.cost_s for lane in (URGENT, CATALOGUE))
    urgent = Demand((1.0 - share) * met.queued_s, urgent_s, (1.0 - share) * met.arriving_s_per_s)
    return urgent, Demand(share * met.queued_s, catalogue_s)


def conducting(jobs: Jobs, slots: float, catalogue_slots: float) -> tuple[Demand, Demand]:
    """The conductors' own work; a conductor's second is that of all its places for a lane."""
    waiting_s = jobs.waiting(URGENT) * jobs.job_s(URGENT)
    urgent = Demand(waiting_s / slots, arriving_s_per_s=jobs.working(URGENT) / slots)
    rows = jobs.waiting(CATALOGUE) + jobs.working(CATALOGUE)
    return urgent, Demand(rows * jobs.job_s(CATALOGUE) / catalogue_slots)
