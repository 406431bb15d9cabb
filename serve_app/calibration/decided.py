"""Decisions of sellers as the calibration reads them: from the service's answers, or from a file of them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import VitrineError

JUDGING = ("renderer", "scorer", "segmenter")  # whose weights decide what values a check measures, and how often


class DecisionsError(VitrineError):
    """What was given as decisions cannot be read as such."""


class Seen(BaseModel):
    """What a check had said of the picture when the seller decided."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    state: Literal["pass", "fail", "unknown"]
    value: float | None = Field(default=None, allow_inf_nan=False)
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    expected: str | None = None


class Decided(BaseModel):
    """One decision that stands; `checks` names what a rejecting seller found wrong, `models` is role -> digest."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    decision: Literal["approved", "rejected"]
    checks: tuple[str, ...] = ()
    verdict: dict[str, Seen]
    clip_score: float | None = None
    score_10: float | None = None
    models: dict[str, str]
    replaced_by: str | None = None

    @property
    def approved(self) -> bool:
        return self.decision == "approved"

    @property
    def weights(self) -> dict[str, str]:
        """The digests of the models that the values depend on."""
        return {role: digest for role, digest in self.models.items() if role in JUDGING}


def decided(documents: Iterable[dict[str, Any]]) -> list[Decided]:
    """The decisions that stand, the oldest first (their ids sort by time); raises DecisionsError."""
    found = []
    for number, document in enumerate(documents, start=1):
        try:
            found.append(Decided.model_validate(document))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the document"
            raise DecisionsError(f"decision {number} is none: {where}: {first['msg']}") from None
    return sorted((one for one in found if one.replaced_by is None), key=lambda one: one.id)


def from_file(file: Path) -> list[Decided]:
    """Decisions of a file, a JSON document a line as `vitrine decisions --json` prints; raises DecisionsError."""
    try:
        lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DecisionsError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    documents = []
    for number, line in enumerate(lines, start=1):
        try:
            documents.append(json.loads(line))
        except ValueError:
            raise DecisionsError(f"line {number} of {file} is no JSON; `vitrine decisions --json` writes one") from None
    return decided(documents)
