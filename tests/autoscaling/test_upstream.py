"""What is on its way to a stage, told from the conductors' jobs."""

import pytest

from serve_app.autoscaling.upstream import Jobs, Met, conducting, demands

ONE = {
    "interactive.waiting": 30.0,
    "interactive.working": 10.0,
    "interactive.job_s": 2.0,
    "interactive.renderer.per_job": 1.5,
    "interactive.renderer.ahead": 6.0,
    "interactive.renderer.asked": 3.0,
    "interactive.scorer.per_job": 1.5,
    "interactive.scorer.ahead": 15.0,
    "catalogue.waiting": 1000.0,
    "catalogue.working": 16.0,
    "catalogue.job_s": 4.0,
    "catalogue.renderer.per_job": 1.0,
    "catalogue.renderer.ahead": 4.0,
    "catalogue.renderer.asked": 9.0,
}
NEW = {"interactive.waiting": 30.0, "catalogue.waiting": 1000.0, "interactive.working": 2.0}  # nothing learnt yet


def test_jobs_that_wait_are_counted_once_and_those_in_work_for_each_conductor() -> None:
    jobs = Jobs([ONE, ONE, NEW])
    assert (jobs.waiting("interactive"), jobs.working("interactive")) == (30.0, 22.0)


def test_jobs_upstream_foretell_the_calls_that_they_will_make() -> None:
    assert Jobs([ONE, NEW]).ahead("interactive", "renderer") == 6.0 + 30.0 * 1.5
    assert Jobs([NEW]).ahead("interactive", "renderer") == 0.0


def test_the_same_jobs_weigh_more_on_the_dearer_stage() -> None:
    dear, _ = demands("renderer", Met(0.0, 0.0, 0.4), Jobs([ONE]))
    cheap, _ = demands("scorer", Met(0.0, 0.0, 0.01), Jobs([ONE]))
    assert dear.ahead_s == pytest.approx(0.4 * 51.0)
    assert cheap.ahead_s == pytest.approx(0.01 * 60.0)


def test_what_waits_at_a_stage_belongs_to_the_lanes_that_ask_it() -> None:
    urgent, catalogue = demands("renderer", Met(8.0, 2.0, 0.4), Jobs([ONE]))
    assert (urgent.queued_s, catalogue.queued_s) == (2.0, 6.0)
    assert (urgent.arriving_s_per_s, catalogue.arriving_s_per_s) == (0.5, 0.0), "a catalogue's rate is no demand"


def test_without_news_of_jobs_everything_is_urgent() -> None:
    urgent, catalogue = demands("renderer", Met(8.0, 2.0, 0.4), Jobs([]))
    assert (urgent.queued_s, urgent.ahead_s, catalogue.queued_s, catalogue.ahead_s) == (8.0, 0.0, 0.0, 0.0)


def test_conductors_are_wanted_for_jobs_that_wait_and_for_those_in_work() -> None:
    urgent, catalogue = conducting(Jobs([ONE]), 64, 16)
    assert urgent.queued_s == 30 * 2.0 / 64
    assert urgent.arriving_s_per_s == 10 / 64
    assert catalogue.queued_s == 1016 * 4.0 / 16
