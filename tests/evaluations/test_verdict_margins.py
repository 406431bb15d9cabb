"""Margins from clean drawings: what all but a few right answers lead by, and never a lead that is asked for."""

from pathlib import Path

import pytest

from models.checkpoint import STARTER_PACK
from models.manifest import Manifest
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict import Evidence
from serve_app.evaluations import margins
from serve_app.evaluations.looks import Eyes


def test_a_margin_is_the_lead_of_the_weakest_right_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    leads = iter([-3.04, 2.0, 5.0, 7.0])

    def lead(evidence: Evidence) -> Finding:
        return Finding(state="pass", value=next(leads), reason="reads as stated")

    def sure(evidence: Evidence) -> Finding:
        return Finding(state="pass", value=9.0, reason="reads as stated")

    monkeypatch.setattr(margins, "ASKED", {"type_margin": lead, "sleeve_margin": sure})
    monkeypatch.setattr(margins, "ALARMS", 0.0)
    assert margins.margins(Eyes(Path(STARTER_PACK), 1), 4) == {"type_margin": -3.0, "sleeve_margin": 0.0}


def test_every_margin_is_one_of_the_packs_thresholds() -> None:
    assert set(margins.ASKED) <= set(Manifest.read(STARTER_PACK / "manifest.toml").thresholds)
