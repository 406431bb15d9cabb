"""What the capacity check makes of looks at a service, of the machine's readings, of rounds, and of shares."""

import itertools
import time
from pathlib import Path

import pytest

from loadtests.capacity.__main__ import CURVES, Figures, curves
from loadtests.capacity.machine import Machine, Readings, Spent
from loadtests.capacity.probe import watched
from loadtests.capacity.seen import Look, together, traffic
from loadtests.capacity.shop import Tried, Went
from serve_app.capacity.fitting import Article
from serve_app.capacity.traffic import Arrival

ARTICLE_S, REST = 0.5, 0.2  # of a core, where nobody slows it down
FELT = 0.6
SLOW = 1.8  # a reading beside a neighbour
LOOK_S = 60.0


def look(began_s: float, reading: float) -> Look:
    """At a machine that reads the same all the time."""
    times = 1.0 + FELT * (reading - 1.0)
    articles = [Article({"render": 0.3 * times}, 1, 0.6 * times)] * 10
    borne = {
        2: (2.4 / times, worked(40, began_s + 25.0, 14.0, times)),
        12: (3.0 / times, worked(60, began_s + 40.0, 19.0, times)),
    }
    sent = [(began_s + 10.0 + number, article) for number, article in enumerate(articles)]
    return Look(
        worked(0, began_s, 8.0, times), worked(10, began_s + 10.0, 13.0, times), sent, borne, chance(began_s, times)
    )


def chance(began_s: float, times: float) -> Tried:
    arrivals = [Arrival(float(number), "article") for number in range(5)]
    return Tried(arrivals, Went([0.7 * times] * 5, 6.0), worked(5, began_s + 52.0, 6.0, times))


def worked(articles: int, began_s: float, seconds: float, times: float, unread: float = 1.0) -> Spent:
    busy_s = {"renderer": unread * times * articles * ARTICLE_S, "rest": unread * times * seconds * REST}
    return Spent(busy_s, [(began_s, began_s + 0.6)] * articles, began_s, began_s + seconds)


def readings(*times: float) -> Readings:
    """So long for a look each."""
    at_s = [number / 8.0 for number in range(int(len(times) * LOOK_S * 8))]
    return Readings(at_s, [times[int(at / LOOK_S)] for at in at_s])


def test_how_much_of_its_slowness_a_service_feels_is_told_from_what_it_spends() -> None:
    looks = [look(0.0, 1.0), look(LOOK_S, SLOW)]
    machine = Machine.of(readings(1.0, SLOW), [spent for one in looks for spent in one.times])
    assert machine.felt == pytest.approx(FELT)
    fast, slow = machine.pace(0.0, 1.0), machine.pace(LOOK_S + 1.0, LOOK_S + 2.0)
    assert slow / fast == pytest.approx(1.0 + FELT * (SLOW - 1.0))
    assert (fast + slow) / 2 == pytest.approx(1.0), "usual is what the looks had on the average"


def test_looks_at_a_fast_and_at_a_slow_machine_are_those_of_the_one_between() -> None:
    looks = [look(0.0, 1.0), look(LOOK_S, SLOW)]
    found, borne = together(looks, Machine.of(readings(1.0, SLOW), [one for seen in looks for one in seen.times]))
    between = 1.0 + FELT * (SLOW - 1.0) / 2
    assert {round(article.total_s / between, 6) for article in found.articles} == {0.6}
    assert {round(article.timings["render"] / between, 6) for article in found.articles} == {0.3}
    assert found.busy_s == {"renderer": pytest.approx(between * ARTICLE_S), "rest": pytest.approx(0.0)}
    assert found.background == pytest.approx(between * REST)
    assert borne == {2: pytest.approx(2.4 / between), 12: pytest.approx(3.0 / between)}


def test_what_no_reading_tells_is_told_from_what_was_spent() -> None:
    machine = Machine.of(
        readings(1.0, SLOW), [one for seen in (look(0.0, 1.0), look(LOOK_S, SLOW)) for one in seen.times]
    )
    times = 1.0 + FELT * (SLOW - 1.0)
    assert machine.unread(worked(30, LOOK_S, 20.0, times)) == pytest.approx(1.0)
    for articles in (3, 30):
        assert machine.unread(worked(articles, LOOK_S, 20.0, times, 1.2)) == pytest.approx(1.2)


def test_a_course_changes_where_the_readings_do() -> None:
    machine = Machine(readings(1.0, SLOW), FELT, 1.0, ARTICLE_S, REST)
    times = 1.0 + FELT * (SLOW - 1.0) / 2  # on the average of one second each
    course = machine.course(worked(0, LOOK_S - 1.0, 2.0, times), 2.0)
    assert [pace.at_s for pace in course] == [number / 4 for number in range(8)]
    assert [pace.times for pace in course[:3]] == pytest.approx([1.0] * 3, abs=0.02)
    assert [pace.times for pace in course[4:]] == pytest.approx([1.0 + FELT * (SLOW - 1.0)] * 4, abs=0.03)


def test_what_came_by_chance_is_told_with_the_machine_that_it_met() -> None:
    looks = [look(0.0, 1.0), look(LOOK_S, SLOW)]
    machine = Machine.of(readings(1.0, SLOW), [spent for one in looks for spent in one.times])
    fast, slow = (traffic(one.chance, machine) for one in looks)
    assert slow.latencies_s == [0.7 * (1.0 + FELT * (SLOW - 1.0))] * 5
    assert slow.course[0].times / fast.course[0].times == pytest.approx(1.0 + FELT * (SLOW - 1.0))


def test_a_time_in_which_little_was_spent_tells_little_of_what_is_felt() -> None:
    times = [spent for one in (look(0.0, 1.0), look(LOOK_S, SLOW)) for spent in one.times]
    odd = worked(0, 1.0, 2.0, 1.0, unread=1.5)
    assert Machine.of(readings(1.0, SLOW), [*times, odd]).felt == pytest.approx(FELT)


def test_this_machine_is_read_and_its_fastest_moments_are_one(tmp_path: Path) -> None:
    file = tmp_path / "readings"
    with watched(file):
        for _ in range(600):
            if file.exists() and len(file.read_text("utf-8").splitlines()) > 20:
                break
            time.sleep(0.1)
    found = Readings.read(file)
    assert len(found.times) > 20
    assert all(first < then for first, then in itertools.pairwise(found.at_s))
    assert min(found.times) <= 1.0 <= max(found.times) <= 2.0


def test_readings_that_were_never_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "readings").touch()
    with pytest.raises(SystemExit, match="no reading of the machine"):
        Readings.read(tmp_path / "readings")


def test_percentiles_are_those_of_all_rounds() -> None:
    found = Figures.of([Went([1.0] * 19, 10.0), Went([3.0], 10.0)])
    assert (found.p50_s, found.p95_s, found.per_s) == (1.0, 1.0, 1.0)
    assert Figures.of([Went([1.0] * 18, 10.0), Went([3.0] * 2, 10.0)]).p95_s == 3.0


def test_curves_are_shares_of_the_saturation_and_end() -> None:
    found = curves(120.0, 2.0)
    assert set(found) == set(CURVES)
    for name, shares in CURVES.items():
        arrivals = found[name].arrivals({"article": 1.0}, 0)
        mean_per_s = 2.0 * sum(shares) / len(shares)
        assert len(arrivals) == pytest.approx(120.0 * mean_per_s, rel=0.35)
        assert max(arrival.at_s for arrival in arrivals) <= 120.0
