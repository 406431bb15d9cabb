"""What a soak takes for growth."""

import os
import random

import pytest

from loadtests.marketplace.__main__ import JUDGED, WINDOWS, windows
from loadtests.marketplace.growth import NO_GROWTH, trend
from loadtests.marketplace.journal import Seen
from loadtests.marketplace.resources import looked, part

TIMES = [30.0 * number for number in range(120)]


def noisy(per_hour: float, seed: int) -> list[float]:
    rng = random.Random(seed)
    return [1e9 * (1 + per_hour * at / 3600) * rng.gauss(1.0, 0.01) for at in TIMES]


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_of_a_tenth_per_hour_is_found_under_noise(seed: int) -> None:
    found = trend(TIMES, noisy(0.10, seed))
    assert found.grows, found
    assert found.least < 0.10 < found.most or abs(found.per_hour - 0.10) < 0.03, found


def test_noise_alone_is_no_growth() -> None:
    assert sum(trend(TIMES, noisy(0.0, seed)).grows for seed in range(100)) == 0


def test_the_filling_of_caches_at_the_beginning_is_no_growth() -> None:
    filling = [1e9 * min(1.0, 0.5 + at / 1000) for at in TIMES]
    assert not trend(TIMES, filling).grows
    assert trend(TIMES, filling[:20] + [1e9 * (1 + 5 * NO_GROWTH * at / 3600) for at in TIMES[20:]]).grows


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="5 samples tell no trend"):
        trend(TIMES[:5], TIMES[:5])


def test_every_window_has_the_p95_of_what_was_due_in_it() -> None:
    seen = [Seen(1000.0 + at, JUDGED, 1.0 if at < 60 else 3.0, "ok") for at in range(120)]
    found = windows([*seen, Seen(1000.0, JUDGED, 99.0, "failed")], 120.0)
    assert len(found) == WINDOWS
    assert [value for _, value in found] == [1.0] * 6 + [3.0] * 6


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("ray::ServeReplica:vitrine:segmenter", "segmenter"),
        ("ray::ServeController.run_control_loop", "ServeController"),
        ("/lib/ray/core/src/ray/raylet/raylet --raylet_socket_name=x --gcs-address=127.0.0.1:1", "raylet"),
        ("/lib/ray/core/src/ray/gcs/gcs_server --log_dir=raylet", "gcs_server"),
        ("python -m serve_app.cli serve", "rest"),
    ],
)
def test_a_process_is_told_by_its_title(title: str, named: str) -> None:
    assert part(title) == named


def test_the_processes_of_this_session_hold_memory_and_descriptors() -> None:
    sample = looked(os.getsid(0), 0.0)
    assert sample.memory["rest"] > 10 * 1024**2
    assert sample.descriptors > 3
