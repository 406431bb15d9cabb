"""Raters' answers against the key: what they thought, what they told apart, and what scores and verdict knew of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

from models.errors import VitrineError
from serve_app.calibration.correlation import correlation
from serve_app.calibration.shares import CONFIDENCE
from serve_app.catalogue.verdict import EXCELLENT_SCORE, PASS_SCORE
from serve_app.ratings import GENERATED, PHOTO
from serve_app.ratings.blind import Key, Origin

DRAWS = 2000  # of the bootstrap
SCORES = ("clip_score", "score_10")

Means = Mapping[str, float]  # picture -> the mean of what its raters said
Values = NDArray[np.float64]
Draw = Callable[[Values], Values]


class Answer(BaseModel):
    """Of one rater about one picture; either part may be left open."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    picture: str
    origin: Origin | None = None
    rating: int | None = Field(default=None, ge=0, le=10)


class Answers(BaseModel):
    """A rater's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    page: str
    rater: str
    answers: list[Answer]

    @classmethod
    def read(cls, file: Path) -> "Answers":
        """Raises VitrineError."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValueError) as error:
            raise VitrineError(f"{file} holds no answers of a rating page: {str(error).splitlines()[0]}") from None


def tallied(key: Key, files: Sequence[Answers]) -> dict[str, Any]:
    """All figures; raises VitrineError for answers of another page, about unknown pictures, or given twice.

    A picture is the unit: its rating is the mean of its raters, and intervals are of a bootstrap over pictures, for
    the answers about one picture are not independent. A picture passes with raters whose mean is the verdict's own
    bar of 8.5 or more.
    """
    _fit(key, files)
    answers = [answer for one in files for answer in one.answers]
    given = _by_picture((answer.picture, answer.rating) for answer in answers)
    ratings = _means(given)
    guesses = _means(
        _by_picture((answer.picture, None if answer.origin is None else answer.origin == PHOTO) for answer in answers)
    )
    made, photos = _of(key, GENERATED), _of(key, PHOTO)
    return {
        "raters": len(files),
        "pictures": {GENERATED: len(made), PHOTO: len(photos)},
        "rating": {GENERATED: _rated(_said(ratings, made)), PHOTO: _rated(_said(ratings, photos))},
        "taken_for_photo": {GENERATED: _mean(_said(guesses, made)), PHOTO: _mean(_said(guesses, photos))},
        "told_apart": _told_apart(_said(guesses, photos), _said(guesses, made)),
        "correlation_with_human_pass": {score: _correlated(key, ratings, score) for score in SCORES},
        "verdict": _verdict(key, ratings),
        "agreement_of_raters": alpha(list(given.values())),
    }


def alpha(units: Sequence[Sequence[float]]) -> float | None:
    """Krippendorff's alpha for interval data: 1 agreement, 0 chance; None without a picture that two have rated."""
    paired = [unit for unit in units if len(unit) > 1]
    if not paired:
        return None
    every = np.concatenate(paired)
    expected = _apart(every) / (len(every) - 1)
    observed = sum(_apart(unit) / (len(unit) - 1) for unit in paired)
    return round(1.0 - observed / expected, 4) if expected else None


def _apart(values: ArrayLike) -> float:
    """The squared differences of all ordered pairs, summed."""
    found = np.asarray(values, dtype=float)
    return 2 * len(found) * float(np.sum((found - found.mean()) ** 2))


def _fit(key: Key, files: Sequence[Answers]) -> None:
    raters = [one.rater for one in files]
    if twice := {rater for rater in raters if raters.count(rater) > 1}:
        raise VitrineError(f"rater {min(twice)} is given twice; leave one of the files out")
    for one in files:
        if one.page != key.page:
            raise VitrineError(f"rater {one.rater} answered page {one.page}; the key is of page {key.page}")
        pictures = [answer.picture for answer in one.answers]
        if unknown := set(pictures) - key.pictures.keys():
            raise VitrineError(f"rater {one.rater} answered about picture {min(unknown)}, which the page does not have")
        if len(pictures) != len(set(pictures)):
            raise VitrineError(f"rater {one.rater} answered about a picture twice")


def _by_picture(said: Iterable[tuple[str, float | None]]) -> dict[str, list[float]]:
    """What each picture's raters said, without what was left open."""
    found: dict[str, list[float]] = {}
    for picture, value in said:
        if value is not None:
            found.setdefault(picture, []).append(float(value))
    return found


def _means(said: Mapping[str, Sequence[float]]) -> Means:
    return {picture: float(np.mean(values)) for picture, values in said.items()}


def _of(key: Key, origin: Origin) -> list[str]:
    return [name for name, hidden in key.pictures.items() if hidden.origin == origin]


def _said(found: Means, pictures: Iterable[str]) -> Values:
    return np.array([found[name] for name in pictures if name in found])


def _rated(means: Values) -> dict[str, Any] | None:
    found = _mean(means)
    bars = {"pass": PASS_SCORE, "excellent": EXCELLENT_SCORE}
    return (
        None if found is None else found | {name: round(float(np.mean(means >= bar)), 4) for name, bar in bars.items()}
    )


def _mean(means: Values) -> dict[str, Any] | None:
    """Of the pictures' means, with its interval."""
    if not len(means):
        return None
    interval = _interval(lambda draw: draw(means).mean())
    return {"mean": round(float(means.mean()), 4), "interval": interval, "of": len(means)}


def _told_apart(photos: Values, made: Values) -> dict[str, Any] | None:
    """The mean of what was recognised of either kind: .5 is guessing."""
    if not len(photos) or not len(made):
        return None

    def share(draw: Draw) -> float:
        return float(draw(photos).mean() + 1 - draw(made).mean()) / 2

    return {"share": round(share(lambda values: values), 4), "interval": _interval(share)}


def _interval(statistic: Callable[[Draw], float]) -> tuple[float, float]:
    """Percentiles of a bootstrap; `statistic` is told how to draw from its pictures."""
    chance = np.random.default_rng(0)
    drawn = [statistic(lambda values: chance.choice(values, len(values))) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return round(float(low), 4), round(float(high), 4)


def _correlated(key: Key, ratings: Means, score: str) -> dict[str, Any] | None:
    values = {name: getattr(hidden, score) for name, hidden in key.pictures.items() if name in ratings}
    found = correlation([(float(v), ratings[name] >= PASS_SCORE) for name, v in values.items() if v is not None])
    return None if found is None else found.model_dump()


def _verdict(key: Key, ratings: Means) -> dict[str, Any] | None:
    """Generated pictures by what verdict and raters said."""
    pairs = [
        (hidden.passed, ratings[name] >= PASS_SCORE)
        for name, hidden in key.pictures.items()
        if name in ratings and hidden.passed is not None
    ]
    if not pairs:
        return None
    both, neither = pairs.count((True, True)), pairs.count((False, False))
    apart = {"only_verdict": pairs.count((True, False)), "only_raters": pairs.count((False, True))}
    return {"both": both, **apart, "neither": neither, "agree": round((both + neither) / len(pairs), 4)}
