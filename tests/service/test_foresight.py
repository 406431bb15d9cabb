"""What cannot be done in time is refused before it begins, by what its kind has cost so far."""

import asyncio
import contextlib
import math
import random
from pathlib import Path

import pytest
from asking import client_of
from bench import SHIRT, Bench
from in_process import serving

from serve_app.conductor.foresight import Foresight, NoTimeError, Wanted

ORDER = SHIRT | {"options": {"candidates": 1}}


class Device:
    """A virtual clock and work that shares one device equally."""

    def __init__(self) -> None:
        self.now = 100.0
        self.foresight = Foresight(lambda: self.now)

    def run(self, kind: str, seconds: float, wanted: Wanted = Wanted()) -> None:  # noqa: B008 - frozen
        with self.foresight.begun(kind, wanted):
            self.now += seconds

    def open(self, stack: contextlib.ExitStack, kind: str, within_s: float = math.inf, urgent: bool = True) -> None:
        stack.enter_context(self.foresight.begun(kind, Wanted(self.now + within_s, urgent)))


@pytest.fixture
def device() -> Device:
    """Knows drafts of one second and finals of four."""
    device = Device()
    for _ in range(3):
        device.run("draft", 1.0)
        device.run("final", 4.0)
    return device


def test_what_is_not_known_is_begun() -> None:
    device = Device()
    device.run("draft", 1.0, Wanted(device.now + 0.001))


def test_what_takes_longer_than_is_left_is_refused(device: Device) -> None:
    with contextlib.ExitStack() as stack:
        with pytest.raises(NoTimeError, match=r"about 4\.4 s, and 3\.0 s are left") as refused:
            device.open(stack, "final", 3.0)
        assert refused.value.later_s == 2
        device.open(stack, "final", 5.0)


def test_what_is_due_later_does_not_count_unless_it_would_be_late(device: Device) -> None:
    with contextlib.ExitStack() as stack:
        device.open(stack, "final", 7.0)
        device.open(stack, "draft", 1.5)  # before the final, which bears it
        with pytest.raises(NoTimeError):
            device.open(stack, "draft", 2.0)  # in time by itself, and the final late
        device.open(stack, "draft", 20.0)


def test_a_catalogue_takes_no_time_from_who_waits(device: Device) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            device.open(stack, "final", urgent=False)
        device.open(stack, "draft", 2.0)
        device.now += 1.0
    assert device.foresight._costs.of("draft").cost_s == pytest.approx(1.0)


def test_what_is_cancelled_teaches_nothing(device: Device) -> None:
    with contextlib.suppress(asyncio.CancelledError), device.foresight.begun("draft", Wanted()):
        device.now += 60.0
        raise asyncio.CancelledError
    assert device.foresight._costs.of("draft").cost_s == pytest.approx(1.0)


def test_costs_of_work_that_overlaps_add_up_to_the_time() -> None:
    device = Device()
    for _ in range(50):
        with contextlib.ExitStack() as stack:
            for _ in range(4):
                device.open(stack, "draft")
                device.now += 0.5
    known = device.foresight._costs.of("draft")
    assert known.cost_s == pytest.approx(0.5, rel=0.2)
    assert known.fastest_s == pytest.approx(0.5, rel=0.2)


@pytest.mark.parametrize("seed", range(5))
def test_under_three_times_the_load_most_of_what_is_begun_is_in_time(seed: int) -> None:
    """First due, first served, on a virtual device; without foresight nearly everything would be late."""
    device, rng = Device(), random.Random(seed)
    device.run("draft", 0.3)
    left: dict[float, tuple[float, contextlib.ExitStack]] = {}  # by deadline: work left, and its place in hand
    begun = refused = in_time = 0
    due = device.now
    for _ in range(600):
        due += rng.expovariate(10.0)
        while device.now < due and left:
            by = min(left)
            seconds, place = left.pop(by)
            worked = min(seconds, due - device.now)
            device.now += worked
            if worked < seconds:
                left[by] = (seconds - worked, place)
            else:
                place.close()
                in_time += device.now <= by
        device.now = max(device.now, due)
        place = contextlib.ExitStack()
        try:
            device.open(place, "draft", 0.9)
        except NoTimeError:
            refused += 1
        else:
            begun += 1
            left[device.now + 0.9] = (rng.uniform(0.2, 0.4), place)
    assert refused > 0
    assert in_time >= 0.8 * begun
    assert in_time * 0.3 >= 0.75 * (device.now - 100.0)  # and the device is not idle


async def test_an_article_without_time_is_refused_at_once(tmp_path: Path) -> None:
    slow = Bench(renderer={"delay_s": 0.3})
    async with serving(tmp_path, slow.steps(), slow.fleet()) as service, client_of(service) as client:
        seen = await client.post("/v1/articles", json=ORDER)
        assert seen.status_code == 200, seen.text
        other = ORDER | {"options": {"candidates": 1, "seed": 1}}
        late = await client.post("/v1/articles", json=other, headers={"Cancel-After": "0.1"})
        assert (late.status_code, late.json()["error"]["code"]) == (429, "no_time"), late.text
        assert int(late.headers["Retry-After"]) >= 1
        assert len(slow.rendered) == 1
        known = await client.post("/v1/articles", json=ORDER, headers={"Cancel-After": "0.1"})
        assert known.status_code == 200, "what is done already needs no time"
