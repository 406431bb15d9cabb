"""A calibration in the service: what it would have said beside the record, or its limits in place of the pack's."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from serve_app.calibration.decided import Seen
from serve_app.calibration.document import Calibration, CalibrationError
from serve_app.calibration.limits import restated
from serve_app.calibration.written import parsed
from serve_app.catalogue.record import Record

log = logging.getLogger(__name__)
ROLE = "calibration"  # beside the models' roles: `GET /v1/models` and the record show it like one of them
Facts = dict[str, dict[str, Any]]
Mode = Literal["shadow", "active"]


class Applied:
    """Adds a calibration to what the deployments say of themselves; one that does not fit them changes nothing."""

    def __init__(self, file: Path, mode: Mode) -> None:
        self._mode: Mode = mode
        self._calibration: Calibration | None = None
        self._unreadable, self._digest, self._said = "", "", ""
        try:
            content = file.read_bytes()
            self._digest = hashlib.sha256(content).hexdigest()
            self._calibration = parsed(content, str(file))
        except CalibrationError as error:
            self._unreadable = str(error)
        except OSError as error:
            self._unreadable = f"cannot read the calibration {file}: {error.strerror}"

    def __call__(self, facts: Facts) -> Facts:
        """The facts with a role `calibration`; in active mode the scorer's thresholds are the calibrated ones."""
        about: dict[str, Any] = {"role": ROLE, "kind": "refused", "digest": self._digest}
        refused, found = self._refused(facts), self._calibration
        self._tell(refused)
        if refused or found is None:
            return facts | {ROLE: about | {"reason": refused}}
        about |= {"kind": self._mode, "version": found.made.isoformat(), "thresholds": found.thresholds}
        if self._mode == "shadow":
            return facts | {ROLE: about}
        scorer = facts["scorer"]
        return facts | {
            "scorer": scorer | {"thresholds": scorer.get("thresholds", {}) | found.thresholds},
            ROLE: about,
        }

    def _refused(self, facts: Facts) -> str:
        """Why it does not apply; empty when it does."""
        if self._calibration is None:
            return self._unreadable
        for role, digest in self._calibration.models.items():
            runs = facts.get(role, {}).get("digest", "none")
            if runs != digest:
                return (
                    f"the calibration of {self._calibration.made} was made with {role} {digest[:12]}, and {runs[:12]} "
                    "runs; collect decisions about its pictures and run `vitrine calibrate` again"
                )
        return ""

    def _tell(self, refused: str) -> None:
        said = refused or f"calibration {self._digest[:12]} is in use, mode {self._mode}"
        if said != self._said:
            self._said = said
            log.log(logging.WARNING if refused else logging.INFO, said)


def deciding(models: Mapping[str, Any]) -> dict[str, str]:
    """The calibration that decides what is drawn, for the keys of results; a shadow decides nothing."""
    found = models.get(ROLE, {})
    return {ROLE: found["digest"]} if found.get("kind") == "active" else {}


def shadowed(record: Record, models: Mapping[str, Any]) -> Record:
    """The record with what the checks would have said under the limits of a calibration in shadow mode."""
    found = models.get(ROLE, {})
    if found.get("kind") != "shadow" or not record.verdict:
        return record
    seen = {name: Seen.model_validate(finding.model_dump()) for name, finding in record.verdict.items()}
    return record.model_copy(update={"shadow": restated(seen, found["thresholds"])})
