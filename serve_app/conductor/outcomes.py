"""What the records of an article that was just performed add to the metrics: verdicts, scores, pictures and cost."""

from collections.abc import Sequence

from models.telemetry.metrics import (
    BUDGETS_EXHAUSTED,
    COST,
    DEVICE_SECONDS,
    PICTURES_APPROVED,
    PICTURES_DRAWN,
    SCORES,
    VERDICTS,
)
from serve_app.catalogue.record import Cost, Record


def counted(records: Sequence[Record], eur_per_picture: float) -> None:
    """`records`: of one article, several for colourways."""
    for record in records:
        if record.cost is not None:
            _spent(record.cost, eur_per_picture)
        if record.status == "succeeded":
            _delivered(record)
        if record.cost is not None and not _approved(record) and _exhausted(record.cost):
            BUDGETS_EXHAUSTED()


def _spent(cost: Cost, eur_per_picture: float) -> None:
    for draft, pictures in (("yes", cost.drafts), ("no", cost.pictures - cost.drafts)):
        if pictures:
            PICTURES_DRAWN(pictures, draft=draft)
    DEVICE_SECONDS(cost.device_seconds)
    COST(cost.pictures * eur_per_picture)


def _delivered(record: Record) -> None:
    for check, finding in record.verdict.items():
        VERDICTS(check=check, state=finding.state)
    if record.score_10 is not None:
        SCORES(record.score_10)
    if _approved(record):
        PICTURES_APPROVED()


def _approved(record: Record) -> bool:
    """Whether there is a picture that fails no check."""
    failed = any(finding.state == "fail" for finding in record.verdict.values())
    return record.status == "succeeded" and not failed


def _exhausted(cost: Cost) -> bool:
    """Whether one more picture, as dear as those before it, would exceed the budget."""
    dearest_s = cost.device_seconds / max(1, cost.pictures)
    limit_s = cost.most_device_seconds
    return cost.pictures >= cost.most_pictures or (limit_s is not None and cost.device_seconds + dearest_s > limit_s)
