"""One of each fault on one cluster under load; `make chaos` strikes twenty times each."""

import pytest

from loadtests import postgres_server
from loadtests.chaos.campaign import Plan, Report, run
from loadtests.chaos.faults import FAULTS

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
LEASES_FIRST = 181  # a seed: jobs that head, conductor and database take along are taken over during the other faults


@pytest.fixture(scope="module")
def report() -> Report:
    if postgres_server.binaries() is None:
        pytest.skip("no Postgres on this machine; on Debian: apt-get install postgresql")
    return run(Plan(times=1, least=20, clients=4, seed=LEASES_FIRST))


def test_every_fault_struck_and_passed(report: Report) -> None:
    assert sorted(blow.fault for blow in report.blows) == sorted(FAULTS)
    assert report.starts == 2, "only the head takes the service along"


def test_every_order_was_accepted_in_the_end(report: Report) -> None:
    assert (report.unanswered, report.refused) == ([], [])
    assert report.jobs.accepted >= report.plan.least


def test_no_accepted_job_was_lost(report: Report) -> None:
    assert report.jobs.lost == ()
    assert report.jobs.taken_over, "no job had to be taken over, so nothing was at stake"


def test_no_job_and_no_result_came_twice(report: Report) -> None:
    assert (report.jobs.doubled, report.jobs.unknown) == ((), ())
    saved, succeeded = report.articles
    assert saved == succeeded


def test_every_picture_of_a_result_is_there(report: Report) -> None:
    assert report.jobs.incomplete == ()


def test_no_stage_with_a_committed_answer_was_performed_again(report: Report) -> None:
    assert report.stages is not None
    assert report.stages.repeated == 0, report.stages
    assert report.stages.unseen == 0, "a journal that misses a stage proves nothing"
    assert report.stages.committed > report.jobs.accepted
