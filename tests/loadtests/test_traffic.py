"""The traffic is what the benchmarks say it is."""

import random
from collections import Counter

import pytest

from loadtests.traffic import DRAFTS, DUPLICATES, LEAVING, Request, articles, pictures, zipf

ADAPTERS = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def many() -> list[Request]:
    return articles(10.0, 200.0, ADAPTERS, seed=7)


def test_arrivals_come_at_their_rate_and_in_order(many: list[Request]) -> None:
    due = [request.due_s for request in many]
    assert len(many) == pytest.approx(2000, rel=0.1)
    assert due == sorted(due)
    assert due[-1] < 200.0


def test_the_shares_of_drafts_duplicates_and_people_who_leave_are_those_that_are_named(many: list[Request]) -> None:
    unlike = {str(request.body) for request in many}
    drafts = [request for request in many if request.body["options"]["size"] == 128]
    assert len(drafts) / len(many) == pytest.approx(DRAFTS, abs=0.05)
    assert 1 - len(unlike) / len(many) == pytest.approx(DUPLICATES, abs=0.03)
    assert sum(request.leaves_after_s is not None for request in many) / len(many) == pytest.approx(LEAVING, abs=0.03)
    assert all((request.kind == "draft") == (request in drafts) for request in many)


def test_adapters_come_by_their_rank() -> None:
    rng = random.Random(3)
    seen = Counter(zipf(ADAPTERS, rng) for _ in range(20_000))
    whole = sum(rank**-1.1 for rank in (1, 2, 3, 4))
    for rank, adapter in enumerate(ADAPTERS, 1):
        assert seen[adapter] / 20_000 == pytest.approx(rank**-1.1 / whole, abs=0.01), seen


def test_a_seed_gives_the_same_round_and_another_one_no_article_of_it() -> None:
    first, again, other = (articles(5.0, 20.0, ADAPTERS, seed) for seed in (1, 1, 2))
    assert first == again
    described = [{request.body["description"] for request in round_} for round_ in (first, other)]
    assert not described[0] & described[1]


def test_pictures_of_several_kinds_come_each_at_its_rate() -> None:
    shapes = {"draft": (128, 4), "final": (256, 28)}
    sent = pictures({"draft": 8.0, "final": 2.0}, 200.0, shapes, [None], seed=5)
    seen = Counter((request.kind, request.body["width"], request.body["steps"]) for request in sent)
    assert seen["draft", 128, 4] == pytest.approx(1600, rel=0.1)
    assert seen["final", 256, 28] == pytest.approx(400, rel=0.15)
    assert len({request.body["prompt"] for request in sent}) > 0.99 * len(sent)
