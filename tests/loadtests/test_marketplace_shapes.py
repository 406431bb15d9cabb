"""The arrivals of a load test follow the curve that its shape names."""

import pytest

from loadtests.marketplace.shapes import GAP_S, LOW, NIGHT, QUIET, SHAPES, rate, users

MOMENTS = [number / 1000 for number in range(1000)]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_exceeds_its_peak_and_each_one_reaches_it(shape: str) -> None:
    shares = [SHAPES[shape](moment) for moment in MOMENTS]
    assert max(shares) == pytest.approx(1.0, abs=0.01), shape
    assert min(shares) > 0.0, shape


def test_a_sale_begins_at_once_and_fades() -> None:
    assert rate("flash", 39.9, 100.0, 4.0) == 4.0 * QUIET
    assert rate("flash", 40.0, 100.0, 4.0) == 4.0
    assert 4.0 * QUIET < rate("flash", 99.0, 100.0, 4.0) < 1.02 * 4.0 * QUIET


def test_a_step_goes_from_one_to_eight() -> None:
    assert rate("step", 50.0, 100.0, 8.0) / rate("step", 49.9, 100.0, 8.0) == 1 / LOW == 8.0


def test_a_day_has_a_quiet_night_a_noon_and_a_higher_evening() -> None:
    night, noon, afternoon, evening = (rate("day", hour, 24.0, 1.0) for hour in (3.0, 12.0, 16.0, 20.4))
    assert night < 1.1 * NIGHT
    assert night < afternoon < noon < evening


def test_a_soak_does_not_change() -> None:
    assert {rate("soak", moment, 1.0, 0.6) for moment in MOMENTS} == {0.6}


def test_as_many_users_come_as_their_arrivals_need_and_one_at_least() -> None:
    assert users(2.0) / GAP_S == 2.0
    assert users(0.0) == 1
