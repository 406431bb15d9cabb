"""What is learnt from decisions: from which of them, for which weights, and what a file keeps of it."""

import json
from pathlib import Path

import numpy as np
import pytest
from sellers import MODELS, documents, logistic, seller

from serve_app.calibration.decided import Decided, DecisionsError, Seen, decided, from_file
from serve_app.calibration.document import CalibrationError
from serve_app.calibration.learning import calibrate, disagreements, since
from serve_app.calibration.limits import LIMITS, measured, passes, restated
from serve_app.calibration.sample import sample
from serve_app.calibration.written import parsed, read, toml
from serve_app.catalogue.verdict import CHECKS, Thresholds

MIND = logistic(20.0, 0.5)


def one(decision: str, *checks: str, **verdict: float) -> Decided:
    seen = {name: {"state": "pass", "value": value, "threshold": 16.0} for name, value in verdict.items()}
    return Decided.model_validate(
        {"id": "dec_1", "decision": decision, "checks": checks, "verdict": seen, "models": MODELS}
    )


def test_every_limit_is_one_of_the_verdicts_and_belongs_to_one_of_its_checks() -> None:
    assert {limit.field for limit in LIMITS.values()} <= set(Thresholds.model_fields)
    assert set(LIMITS) <= set(CHECKS)


def test_an_approval_speaks_for_every_check_and_a_rejection_for_those_that_it_names() -> None:
    found = [one("approved", colours=3, whole=0), one("rejected", "colours", colours=22, whole=0)]
    found.append(one("rejected", colours=30, whole=0))
    assert sample("colours", found).accepted.tolist() == [True, False]
    assert sample("colours", found).values.tolist() == [3.0, 22.0]
    assert sample("whole", found).accepted.tolist() == [True]


@pytest.mark.parametrize(
    ("check", "seen"),
    [
        ("colours", {"state": "fail", "value": 3.0, "threshold": 16.0}),  # nearer to another colour's swatch
        ("colours", {"state": "unknown", "value": None, "threshold": None}),
        ("pattern", {"state": "fail", "value": -3.0, "threshold": -1.0, "expected": "front print"}),
        ("framing", {"state": "fail", "value": 0.4, "threshold": 0.55}),
        ("motif_text", {"state": "pass", "value": 1.0, "threshold": 0.7}),
    ],
)
def test_what_a_limit_did_not_decide_says_nothing_about_it_and_stays_as_it_was(check: str, seen: dict) -> None:
    found = Seen.model_validate(seen)
    assert measured(check, found) is None
    everything = {limit.field: 99.0 for limit in LIMITS.values()}
    assert restated({check: found}, everything) == {check: seen["state"]}


def test_a_verdict_is_restated_on_the_right_side_of_each_limit() -> None:
    seen = {
        "colours": Seen(state="fail", value=18.0, threshold=16.0),
        "sleeve": Seen(state="pass", value=0.5, threshold=-1.0),
        "neckline": Seen(state="fail", value=-1.5, threshold=-1.0),
        "whole": Seen(state="pass", value=0.01, threshold=0.03),
    }
    limits = {"colour_delta_e": 19.0, "sleeve_margin": 0.7, "neckline_margin": -2.0}
    assert restated(seen, limits) == {"colours": "pass", "sleeve": "fail", "neckline": "unknown", "whole": "pass"}
    assert not passes(seen, {})
    assert not passes(seen, limits)
    assert passes(seen, limits | {"sleeve_margin": 0.4})


def test_a_calibration_names_its_decisions_weights_and_what_could_not_be_learnt() -> None:
    found = calibrate(seller(MIND, 1000))
    assert (found.decisions, found.through, found.models) == (1000, f"dec_{999:026d}", MODELS)
    assert 18.0 < found.thresholds["colour_delta_e"] < 20.5
    assert set(found.refused) == set(LIMITS) - {"colours"}
    assert found.refused["sleeve"] == "0 pictures rejected for it; 10 show where wrong begins"
    check = found.checks["colours"]
    assert (check.was, check.accepted + check.rejected) == (16.0, 1000)
    assert check.ece_after < 0.02 < check.ece_before
    before, after = (sum(disagreements(seller(MIND, 1000), limits)) for limits in ({}, found.thresholds))
    assert after == found.disagreements.count < before / 2


def test_decisions_about_pictures_of_other_weights_are_left_out_whichever_came_last_counts() -> None:
    old = seller(logistic(8.0, 0.5), 800, models=MODELS | {"scorer": "s0", "translator": "t0"})
    new = seller(MIND, 1000, seed=1, first=800, models=MODELS | {"translator": "t1"})
    found = calibrate([*old, *new])
    assert (found.decisions, found.other_models, found.models) == (1000, 800, MODELS)
    assert found.checks == calibrate(new).checks


def test_a_target_that_is_harder_gives_a_stricter_limit() -> None:
    decisions = seller(logistic(18.0, 1.5), 4000, spread=24.0)
    strict, loose = (calibrate(decisions, target).thresholds["colour_delta_e"] for target in (0.02, 0.1))
    assert strict < loose - 0.5


def test_too_few_decisions_are_refused_with_what_is_missing() -> None:
    with pytest.raises(CalibrationError, match="no decisions yet"):
        calibrate([])
    with pytest.raises(CalibrationError, match=r"colours: 150 pictures decided; a rate below 0\.02 takes 183 at least"):
        calibrate(seller(logistic(15.0, 1.0), 150))


def test_a_score_that_never_varies_has_no_correlation_and_one_that_does_has_its_interval() -> None:
    decisions = [each.model_copy(update={"score_10": 10.0}) for each in seller(MIND, 1000)]
    found = calibrate(decisions).correlation
    assert set(found) == {"clip_score"}
    low, high = found["clip_score"].interval
    r = float(np.corrcoef([each.clip_score for each in decisions], [each.approved for each in decisions])[0, 1])
    assert low < found["clip_score"].r < high
    assert found["clip_score"].r == pytest.approx(r, abs=1e-4)
    assert 0.01 < high - low < 0.1


def test_a_file_keeps_all_of_a_calibration(tmp_path: Path) -> None:
    made = calibrate(seller(MIND, 1000))
    (tmp_path / "calibration.toml").write_text(toml(made), "utf-8")
    assert read(tmp_path / "calibration.toml") == made


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff", "is no calibration"),
        (b"made = ", "is no calibration"),
        (b"made = 2026-11-22", "is no calibration: target: Field required"),
        (b"target = nan", "is no calibration"),
    ],
)
def test_a_file_that_is_no_calibration_is_refused_by_name(content: bytes, says: str) -> None:
    with pytest.raises(CalibrationError, match=says):
        parsed(content, "limits.toml")


def test_only_decisions_since_the_calibration_are_watched_and_other_weights_are_a_refusal() -> None:
    decisions = seller(MIND, 1000)
    made = calibrate(decisions)
    later = seller(MIND, 30, seed=1, first=1000)
    assert since(made, [*decisions, *later]) == later
    other = seller(MIND, 1, first=1030, models=MODELS | {"scorer": "s2"})
    with pytest.raises(CalibrationError, match="is of other models than the newest decisions"):
        since(made, [*decisions, *later, *other])


def test_a_file_of_decisions_is_read_the_oldest_first_without_those_that_were_replaced(tmp_path: Path) -> None:
    first, second, third = documents(np.array([1.0, 2.0, 3.0]), np.array([False, False, False]))
    lines = [json.dumps(each) for each in (third, first | {"replaced_by": "dec_9"}, second)]
    (tmp_path / "decisions.jsonl").write_text("\n".join(lines) + "\n\n", "utf-8")
    assert [each.id for each in from_file(tmp_path / "decisions.jsonl")] == [second["id"], third["id"]]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 1 of .* is no JSON"),
        ("[]", "decision 1 is none"),
        ('{"id": 1}', "1 is none: id"),
        ("NaN", "1 is none"),
    ],
)
def test_a_line_that_is_no_decision_is_named(line: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "decisions.jsonl").write_text(line, "utf-8")
    with pytest.raises(DecisionsError, match=says):
        from_file(tmp_path / "decisions.jsonl")
    with pytest.raises(DecisionsError, match="cannot read"):
        from_file(tmp_path / "missing.jsonl")


def test_a_value_that_is_no_number_is_refused() -> None:
    (document,) = documents(np.array([1.0]), np.array([False]))
    document["verdict"]["colours"]["value"] = float("nan")
    with pytest.raises(DecisionsError, match=r"decision 1 is none: verdict\.colours\.value"):
        decided([document])
