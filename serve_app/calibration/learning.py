"""From decisions to a calibration."""

import datetime as dt
from collections.abc import Sequence

from serve_app.calibration import TARGET, curve
from serve_app.calibration.correlation import correlation
from serve_app.calibration.decided import Decided
from serve_app.calibration.document import Calibration, CalibrationError, Check, Count
from serve_app.calibration.limits import LIMITS, passes
from serve_app.calibration.rates import TooFewError, chosen
from serve_app.calibration.sample import let_through, sample
from serve_app.calibration.shares import CONFIDENCE, Share

DIGITS = 6  # significant ones of what is written
SCORES = ("clip_score", "score_10")


def current(decisions: Sequence[Decided]) -> list[Decided]:
    """Those about pictures of the newest one's models."""
    return [one for one in decisions if one.weights == decisions[-1].weights]


def calibrate(decisions: Sequence[Decided], target: float = TARGET) -> Calibration:
    """The calibration of the newest decision's models; raises CalibrationError where no check has enough.

    `decisions`: those that stand, the oldest first.
    """
    if not decisions:
        raise CalibrationError("there are no decisions yet; `vitrine decide JOB approve` makes one")
    mine = current(decisions)
    checks, refused = dict[str, Check](), dict[str, str]()
    for name in LIMITS:
        try:
            checks[name] = _check(name, mine, target)
        except TooFewError as few:
            refused[name] = str(few)
    if not checks:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
        raise CalibrationError(f"no check can be calibrated from {len(mine)} decisions. {reasons}")
    thresholds = {check.limit: check.threshold for check in checks.values()}
    correlations = {name: correlation(scores(name, mine)) for name in SCORES}
    return Calibration(
        made=dt.datetime.now(dt.UTC).date(),
        target=target,
        confidence=CONFIDENCE,
        through=mine[-1].id,
        decisions=len(mine),
        approved=sum(one.approved for one in mine),
        unnamed=sum(not one.approved and not one.checks for one in mine),
        other_models=len(decisions) - len(mine),
        models=mine[-1].weights,
        disagreements=Count(count=sum(disagreements(mine, thresholds)), of=len(mine)),
        correlation={name: found for name, found in correlations.items() if found is not None},
        checks=checks,
        refused=refused,
    )


def disagreements(decisions: Sequence[Decided], thresholds: dict[str, float]) -> list[bool]:
    """Per decision whether the verdict under these limits and the seller say different things."""
    return [passes(one.verdict, thresholds) != one.approved for one in decisions]


def since(made: Calibration, decisions: Sequence[Decided]) -> list[Decided]:
    """Decisions about pictures of the calibration's models that it was not made from; raises CalibrationError where
    the newest are about pictures of other models, to which it does not apply."""
    later = [one for one in decisions if one.id > made.through]
    if later and later[-1].weights != made.models:
        raise CalibrationError(
            f"the calibration of {made.made} is of other models than the newest decisions; make one anew"
        )
    return [one for one in later if one.weights == made.models]


def scores(name: str, decisions: Sequence[Decided]) -> list[tuple[float, bool]]:
    """What a single number says of each picture, and whether the seller approved it."""
    return [(score, one.approved) for one in decisions if (score := getattr(one, name)) is not None]


def _check(name: str, decisions: Sequence[Decided], target: float) -> Check:
    found, limit = sample(name, decisions), LIMITS[name]
    best = chosen(found.values, found.accepted, limit, target)
    learnt = curve.fitted(found.values, found.accepted, limit.larger_is_better)
    before = let_through(name, found)
    after = curve.held_out(found.values, found.accepted, limit.larger_is_better)
    low, high = best.false_accepts.interval
    return Check(
        limit=limit.field,
        threshold=_short(best.threshold),
        was=float(found.thresholds[-1]),
        accepted=int(found.accepted.sum()),
        rejected=int((~found.accepted).sum()),
        false_accepts=_count(best.false_accepts),
        false_rejects=_count(best.false_rejects),
        interval=(_short(low), _short(high)),
        ece_before=_short(curve.calibration_error(curve.reliability(before, found.accepted))),
        ece_after=_short(curve.calibration_error(curve.reliability(after, found.accepted))),
        curve=[(_short(x), _short(y)) for x, y in zip(learnt.values, learnt.probabilities, strict=True)],
    )


def _count(share: Share) -> Count:
    return Count(count=share.count, of=share.of)


def _short(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
