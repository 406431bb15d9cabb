"""Virtual time and what shares a machine's cores in it."""

import pytest

from serve_app.capacity.clock import Clock, Passage, Places
from serve_app.capacity.cores import Cores
from serve_app.capacity.costs import Pace


def ends(clock: Clock, cores: Cores, *works: tuple[float, float, float]) -> list[float]:
    """When each work (begins, seconds, weight) is done."""
    found = [0.0] * len(works)

    def one(number: int, begins: float, seconds: float, weight: float) -> Passage:
        yield begins
        yield cores.work(seconds, weight)
        found[number] = clock.now

    for number, work in enumerate(works):
        clock.begin(one(number, *work))
    clock.run(1000.0)
    return found


def test_two_works_on_one_core_take_turns_and_three_on_two_cores_share_them() -> None:
    clock = Clock()
    assert ends(clock, Cores(clock, 1), (0, 1.0, 1), (0, 2.0, 1)) == pytest.approx([2.0, 3.0])
    clock = Clock()
    assert ends(clock, Cores(clock, 2), (0, 2.0, 1), (0, 2.0, 1), (0, 2.0, 1)) == pytest.approx([3.0, 3.0, 3.0])


def test_no_work_uses_two_cores_and_the_heavier_one_goes_before() -> None:
    clock = Clock()
    assert ends(clock, Cores(clock, 2), (0, 5.0, 1)) == pytest.approx([5.0])
    clock = Clock()
    assert ends(clock, Cores(clock, 1), (0, 3.0, 3), (0, 3.0, 1)) == pytest.approx([4.0, 6.0])


def test_cores_change_their_speed_under_the_work_that_they_have() -> None:
    clock = Clock()
    cores = Cores(clock, 2)
    clock.after(1.0, cores.at_speed, 0.5)
    clock.after(3.0, cores.at_speed, 1.0)
    assert ends(clock, cores, (0, 1.5, 1), (0, 3.0, 1)) == pytest.approx([2.0, 4.0])


def test_a_machine_is_as_fast_as_its_course_says_at_each_moment() -> None:
    clock = Clock()
    cores = Cores(clock, 2)
    cores.follow([Pace(at_s=1.0, times=2.0), Pace(at_s=3.0, times=1.0)])
    assert ends(clock, cores, (0, 1.5, 1), (0, 3.0, 1), (2.0, 0.25, 1)) == pytest.approx([2.0, 4.0, 2.5])


def test_a_place_is_given_in_the_order_of_asking() -> None:
    clock, order = Clock(), list[int]()
    places = Places(clock, 1)

    def one(number: int) -> Passage:
        yield places.take()
        yield 1.0
        order.append(number)
        places.leave()

    for number in range(5):
        clock.begin(one(number))
    clock.run(10.0)
    assert order == [0, 1, 2, 3, 4]
