"""What a run amounts to: first passes, and what an approved picture costs."""

from typing import Any

import pytest

from serve_app.runs.statistics import summary


def record(score: float, as_drawn: float, pictures: int) -> dict[str, Any]:
    cost = {"pictures": pictures, "drafts": 0, "device_seconds": 0.5 * pictures}
    line = {"score_10": score, "as_drawn": as_drawn}
    return {"status": "succeeded", "image_path": "p.png", "score_10": score, "candidates": [line], "cost": cost}


@pytest.fixture
def numbers() -> dict[str, Any]:
    """Three articles: good at once, put right, and never good; half an hour at two euros an hour."""
    drawn = (record(10.0, 10.0, 1), record(9.5, 7.0, 2), record(7.0, 7.0, 3))
    return summary({str(number): [one] for number, one in enumerate(drawn)}, 3, 1800.0, machine_eur=2.0)


def test_the_first_pass_rate_counts_pictures_as_they_were_drawn(numbers: dict[str, Any]) -> None:
    assert (numbers["first_pass_rate"], numbers["pass_rate"]) == (0.3333, 0.6667)


def test_only_approved_pictures_share_the_cost(numbers: dict[str, Any]) -> None:
    cost = numbers["cost"]
    assert (cost["pictures_drawn"], cost["device_seconds"]) == (6, 3.0)
    assert (cost["device_seconds_per_approved"], cost["eur_per_approved_picture"]) == (1.5, 0.5)
    assert cost["eur_per_picture"] == pytest.approx(1 / 3, abs=1e-6)


def test_a_run_without_an_approved_picture_states_no_price_for_one() -> None:
    cost = summary({"a": [record(5.0, 5.0, 2)]}, 1, 10.0)["cost"]
    assert (cost["device_seconds_per_approved"], cost["eur_per_approved_picture"]) == (None, None)
