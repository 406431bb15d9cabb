"""Do verdict and sellers still agree as they did? A sequential test that may be looked at after every decision.

The statistic is the e-detector of Shiryaev and Roberts: after each decision R becomes (R + 1) times the likelihood
ratio of a higher rate of disagreement against the known one. While nothing drifts, R minus the number of decisions has
a falling mean, so that an alarm at R >= `BETWEEN_ALARMS` comes once in that many decisions on average, or less often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from serve_app.calibration.shares import Share

BETWEEN_ALARMS = 10_000  # decisions from one false alarm to the next, on average and at least
RISES = (0.03, 0.10, 0.25)  # of the rate of disagreement: a slow drift, a wrong limit, a broken model
LEAST, MOST = 0.005, 0.7  # rates that are taken for the known one
RECENT = 200  # decisions that are told apart from all since the calibration


@dataclass(frozen=True, slots=True)
class Drift:
    """`evidence` over `BETWEEN_ALARMS` is an alarm; `alarm_after`: the number of the decision that raised it."""

    disagreements: Share
    recent: Share
    evidence: float
    alarm_after: int | None


def watched(disagrees: Sequence[bool], before: Share, between_alarms: float = BETWEEN_ALARMS) -> Drift:
    """Walks the decisions since a calibration, the oldest first; `before`: disagreements among those it was made from.

    The known rate is the upper end of its interval: what was only estimated must not raise an alarm.
    """
    known = min(max(before.interval[1], LEAST), MOST)
    risen = [known + (1 - known) * rise for rise in RISES]
    sums = [0.0] * len(risen)
    evidence, alarm = 0.0, None
    for count, disagree in enumerate(disagrees, start=1):
        ratios = [rate / known if disagree else (1 - rate) / (1 - known) for rate in risen]
        sums = [(one + 1) * ratio for one, ratio in zip(sums, ratios, strict=True)]
        evidence = sum(sums) / len(sums)
        if alarm is None and evidence >= between_alarms:
            alarm = count
    last = disagrees[-RECENT:]
    return Drift(Share(sum(disagrees), len(disagrees)), Share(sum(last), len(last)), evidence, alarm)
