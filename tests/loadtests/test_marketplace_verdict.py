"""How the objectives of a load test are judged."""

import pytest

from loadtests.marketplace.journal import Journal, Outcome, Seen, outcome_of
from loadtests.marketplace.report import over_time, page
from loadtests.marketplace.verdict import Objectives, judged

ARTICLES = Objectives({"article": 2.0}, failures=0.01, refusals=0.1)


def journal(seconds: list[float], outcome: Outcome = "ok", accepted: int = 1, succeeded: int = 1) -> Journal:
    kept = Journal([Seen(1000.0 + at, "article", value, outcome) for at, value in enumerate(seconds)], accepted)
    kept.ended["succeeded"] = succeeded
    return kept


def broken(kept: Journal, objectives: Objectives = ARTICLES) -> list[str]:
    return [claim for claim, holds in judged(kept, objectives, 100.0)["claims"].items() if not holds]


def test_the_p95_is_that_of_the_answers_and_not_their_mean() -> None:
    assert broken(journal([1.0] * 95 + [9.0] * 5)) == []
    assert broken(journal([1.0] * 94 + [9.0] * 6)) == ["p95 of article at most 2 s"]


def test_a_kind_that_nobody_sent_keeps_no_objective() -> None:
    assert broken(journal([1.0]), Objectives({"draft": 5.0})) == ["p95 of draft at most 5 s"]


def test_refusals_are_counted_apart_from_failures_and_from_latency() -> None:
    kept = journal([1.0] * 95)
    kept.seen += journal([60.0] * 5, "refused").seen
    document = judged(kept, ARTICLES, 100.0)
    assert document["holds"], document["claims"]
    assert (document["refused"], document["failed"], document["kinds"]["article"]["p95_s"]) == (5, 0, 1.0)
    kept.seen += journal([0.1] * 10, "refused").seen
    assert broken(kept) == ["refusals at most 10.00%"]


def test_two_failures_of_a_hundred_are_more_than_one_per_cent() -> None:
    kept = journal([1.0] * 98)
    kept.seen += journal([0.1] * 2, "failed").seen
    assert broken(kept) == ["failures at most 1.00%"]


def test_a_job_that_was_accepted_and_never_ended_is_lost() -> None:
    assert broken(journal([1.0], accepted=3, succeeded=2)) == ["every accepted job has ended"]
    assert judged(journal([1.0], accepted=3, succeeded=2), ARTICLES, 1.0)["jobs"]["lost"] == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(202, "ok"), (429, "refused"), (503, "refused"), (500, "failed"), (0, "failed"), (422, "failed")],
)
def test_only_a_refusal_with_retry_after_is_no_failure(status: int, outcome: str) -> None:
    assert outcome_of(status, (200, 202)) == outcome


def test_what_a_worker_sends_arrives_whole_and_once() -> None:
    worker, master = journal([1.0, 2.0], accepted=2, succeeded=2), journal([3.0])
    master.add(worker.taken())
    master.add(worker.taken())
    assert [one.seconds for one in master.seen] == [3.0, 1.0, 2.0]
    assert (master.accepted, master.ended.total(), master.lost) == (3, 3, 0)


def test_the_page_says_which_objective_failed_and_puts_requests_where_they_were_due() -> None:
    kept = journal([1.0] * 10 + [9.0] * 10)
    document = judged(kept, ARTICLES, 20.0) | {"shape": "step", "minutes": 1 / 3, "peak_per_s": 1.0}
    shown = page(document, kept.seen, 1000.0)
    assert "FAILS: p95 of article at most 2 s" in shown
    assert "data:image/png;base64,iVBOR" in shown
    assert [len(ones) for ones in over_time(kept.seen, 1000.0, 5.0).values()] == [5, 5, 5, 5]
