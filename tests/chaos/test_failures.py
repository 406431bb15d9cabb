"""A head that dies under load while its tables lie in Redis, and what an outcome of faults claims."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from loadtests import postgres_server, redis_server
from loadtests.chaos.ledger import Jobs
from loadtests.nodes.callers import Seen
from loadtests.nodes.failures import struck
from loadtests.nodes.faults import LATER, OK, Fault
from loadtests.nodes.outcome import Outcome, Round
from loadtests.nodes.probes import Look

FAULT = Fault(
    [lambda _: None], lambda _: None, 10.0, [{"picture": OK, "upload": LATER}], names=("renderer",), slower=3.0
)
CALM = Seen(calls=100, seconds=[1.0] * 20)
SEEN = Seen(calls=1000, seconds=[2.0] * 20)
LOOKS = [Look("picture", 105.0, 0.1, 200, again=False), Look("upload", 105.0, 0.1, 503, again=True)]
ROUND = Round([(100.0, 110.0)], 20.0, SEEN, LOOKS, [{"renderer": "1 of 2 replicas run"}])
JOBS = Jobs(30, (), (), (), (), 0, 1, 2.0)
GOOD = Outcome("disk", FAULT, CALM, [ROUND], [1.5, 1.2], JOBS)


def fails(outcome: Outcome) -> list[str]:
    return [claim for claim, holds in outcome.claims.items() if not holds]


def changed(**part: Any) -> Outcome:
    return replace(GOOD, rounds=[replace(ROUND, **part)])


def test_an_outcome_in_which_nothing_went_wrong_fails_no_claim() -> None:
    assert fails(GOOD) == []


@pytest.mark.parametrize(
    ("outcome", "claim"),
    [
        (changed(seen=replace(SEEN, failures=Counter({"create": 2}))), "client-visible failures"),
        (changed(seen=replace(SEEN, seconds=[2.0] * 18 + [4.0] * 2)), "p95"),
        (changed(whole_s=121.0), "whole"),
        (changed(looks=[*LOOKS, Look("operations", 200.0, 40.0, 200, again=False)]), "every answer within"),
        (changed(looks=[replace(LOOKS[0], status=404), LOOKS[1]]), "blow 1: picture"),
        (changed(looks=[LOOKS[0], replace(LOOKS[1], again=False)]), "blow 1: upload"),
        (changed(looks=LOOKS[:1]), "blow 1: upload"),
        (changed(said=[{"scorer": "0 of 1 replicas run"}]), "blow 1: the service names the renderer"),
        (replace(GOOD, rates=[1.5, 0.7]), "blow 1: others go on"),
        (replace(GOOD, jobs=replace(JOBS, lost=("job_1",))), "0 accepted jobs lost"),
        (replace(GOOD, jobs=replace(JOBS, doubled=("job_1",))), "0 jobs or results doubled"),
        (replace(GOOD, jobs=replace(JOBS, unknown=("order-1",))), "no job is unknown"),
        (replace(GOOD, jobs=replace(JOBS, incomplete=("job_1",))), "every picture is there"),
    ],
)
def test_each_thing_that_goes_wrong_fails_the_claim_about_it(outcome: Outcome, claim: str) -> None:
    (failed,) = fails(outcome)
    assert failed.startswith(claim)


def test_what_was_on_its_way_when_a_blow_fell_is_no_answer_to_it() -> None:
    assert fails(changed(looks=[*LOOKS, Look("upload", 99.9, 0.2, 202, again=False)])) == []


@pytest.mark.cluster
@pytest.mark.timeout(420)
@pytest.mark.skipif(postgres_server.binaries() is None, reason="no Postgres: several nodes share no SQLite")
@pytest.mark.skipif(
    redis_server.binary() is None, reason="no Redis for the head's tables; apt-get install redis-server"
)
def test_a_head_that_dies_under_load_costs_callers_nothing_and_another_one_takes_its_place() -> None:
    outcome = struck("head", times=1, count=3, calm_s=10.0)
    timed = ("blow", "whole", "every answer")  # a busy machine may be late; `struck` waits five minutes for all of it
    assert [claim for claim in fails(outcome) if not claim.startswith(timed)] == []
    assert outcome.rates[1] > 0, "no job ended while there was no head"
