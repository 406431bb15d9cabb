"""Costs that are read, and costs that are fitted, give back what they were made from."""

import math
import random
import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from capacity_given import costs, deployed, steady

from serve_app.capacity import configuration, metrics
from serve_app.capacity import costs as tables
from serve_app.capacity.costs import CapacityError, Cost, Costs, Drawing, Pace
from serve_app.capacity.fitting import MET, Article, Observations, Traffic, at_speeds, fitted
from serve_app.capacity.traffic import Arrival
from serve_app.capacity.twin import saturation, simulated

ROOT = Path(__file__).parents[2]
TIMINGS = {
    "translate": 0.02, "extract": 0.1, "reconcile": 0.03, "render": 0.3, "score": 0.05, "segment": 0.08, "judge": 0.06,
    "store": 0.07,
}  # fmt: skip


def observed(busy_s: dict[str, float]) -> Observations:
    rng = random.Random(1)
    articles = []
    for _ in range(200):
        timings = {name: seconds * rng.lognormvariate(0.0, 0.1) for name, seconds in TIMINGS.items()}
        total = sum(timings.values()) - min(timings["score"], timings["segment"]) + 0.05
        articles.append(Article(timings, 1, total))
    return Observations(articles, busy_s, cores=2.0, background=0.1)


def first() -> Costs:
    drawing = Drawing(begin_s=1.0, fixed_s=0.5, each_s=0.5, decode_s=5.0, steps=4, together=4)
    return costs(
        renderer=drawing, **{role: Cost(each_s=1.0) for role in ("translator", "extractor", "scorer", "segmenter")}
    )


def test_an_article_of_the_fitted_twin_takes_as_long_as_those_that_it_was_fitted_to() -> None:
    seen = observed({"conductor": 0.17, "ingress": 0.01, "renderer": 0.25})
    found = fitted(seen, first())
    alone = [simulated(found, deployed(), [Arrival(0.0, "article")], 5.0, seed).latencies_s[0] for seed in range(60)]
    mean_s = sum(article.total_s for article in seen.articles) / len(seen.articles)
    assert sum(alone) / len(alone) == pytest.approx(mean_s, rel=0.05)
    assert found.renderer.wait_s == pytest.approx(0.05, abs=0.01), "what its process was not busy for is transport"
    assert found.renderer.decode_s / found.renderer.begin_s == pytest.approx(5.0)
    assert found.translator.scatter == pytest.approx(0.1, abs=0.03)


def test_what_all_stages_of_an_article_have_in_common_is_told_from_what_each_has_of_its_own() -> None:
    rng, articles = random.Random(2), list[Article]()
    for _ in range(400):
        moment = rng.lognormvariate(0.0, 0.2)
        timings = {name: seconds * moment * rng.lognormvariate(0.0, 0.1) for name, seconds in TIMINGS.items()}
        rest_s = 0.05 * moment - min(timings["score"], timings["segment"])
        articles.append(Article(timings, 1, sum(timings.values()) + rest_s))
    found = fitted(Observations(articles, {}, cores=2.0), first())
    assert found.moment == pytest.approx(0.2, abs=0.03)
    assert found.extractor.scatter == pytest.approx(0.1, abs=0.03)
    assert fitted(observed({}), first()).moment < 0.05


def test_orders_scatter_as_much_as_their_stages_have_in_common() -> None:
    given = fitted(observed({}), first()).model_copy(update={"moment": 0.2})
    calm = {name: cost.model_copy(update={"scatter": 0.0}) for name, cost in given if isinstance(cost, Cost)}
    apart = [Arrival(3.0 * number, "article") for number in range(300)]
    taken = simulated(given.model_copy(update=calm), deployed(), apart, 900.0).latencies_s
    logs = [math.log(seconds) for seconds in taken]
    assert statistics.stdev(logs) == pytest.approx(0.2, abs=0.03)


def test_the_speeds_of_the_cores_are_found_from_what_a_service_bears() -> None:
    given, speeds = fitted(observed({}), first()), {2: 0.8, 12: 0.9}
    slow = given.model_copy(update={"speeds": speeds})
    borne = {clients: saturation(slow, deployed(), "article", clients, 120.0) for clients in speeds}
    assert at_speeds(given, deployed(), "article", borne, []).speeds == pytest.approx(speeds, abs=0.05)


def test_the_speed_of_a_few_orders_is_found_from_what_came_by_chance() -> None:
    speeds, course = {2: 0.8, MET: 0.6, 12: 0.9}, (Pace(at_s=0.0, times=1.2),)
    given = fitted(observed({}), first())
    slow, came = given.model_copy(update={"speeds": speeds, "course": course}), list[Traffic]()
    for seed in range(3):
        arrivals = steady(1.5, 60.0, seed)
        came.append(Traffic(arrivals, simulated(slow, deployed(), arrivals, 60.0, 100 + seed).latencies_s, course))
    known = given.model_copy(update={"speeds": {2: 0.8, 12: 0.9}})
    assert at_speeds(known, deployed(), "article", {}, came).speeds == pytest.approx(speeds, abs=0.05)


def test_the_speed_is_that_of_one_order_unless_told_and_straight_between_what_is_told() -> None:
    assert costs().speed(7) == 1.0
    told = costs(speeds={6: 0.9, 2: 0.8})
    assert [told.speed(orders) for orders in (0, 1, 2, 3, 4, 6, 40)] == pytest.approx(
        [1.0, 1.0, 0.8, 0.825, 0.85, 0.9, 0.9]
    )


def test_what_only_some_pictures_need_counts_as_judging() -> None:
    plain = observed({})
    mended = [Article({**one.timings, "read": 0.03, "recolour": 0.02}, 1, one.total_s + 0.05) for one in plain.articles]
    found, before = (fitted(one, first()) for one in (replace(plain, articles=mended), plain))
    assert found.judge.alone_s == pytest.approx(before.judge.alone_s + 0.05)
    assert found.accept.alone_s == pytest.approx(before.accept.alone_s)


def test_a_handful_of_articles_tells_no_costs() -> None:
    with pytest.raises(CapacityError, match="3 articles tell no costs"):
        fitted(Observations([Article(TIMINGS, 1, 1.0)] * 3, {}), first())


def test_metrics_scale_a_table_to_the_work_that_was_measured() -> None:
    page = "\n".join(
        f'ray_vitrine_stage_seconds_{part}{{stage="{stage}",part="work",replica="{replica}"}} {value}'
        for stage, seconds in TIMINGS.items()
        for replica in ("a", "b")
        for part, value in (("sum", 50 * seconds), ("count", 50.0))
    )
    found = metrics.fitted(metrics.parsed(f"# HELP x\n{page}\n"), first())
    assert found.renderer.alone_s == pytest.approx(TIMINGS["render"])
    assert found.scorer.each_s == pytest.approx(TIMINGS["score"])
    assert found.extracted == 1.0
    with pytest.raises(CapacityError, match="tells of 0 pictures"):
        metrics.fitted(metrics.parsed("up 1\n"), first())


def test_a_serve_config_of_models_that_wait_is_a_cost_table() -> None:
    found = tables.read(ROOT / "loadtests" / "cost_table.yaml")
    assert found.renderer.alone_s == pytest.approx(0.4)
    assert found.extractor.alone_s == pytest.approx(0.1)
    with pytest.raises(CapacityError, match=r"renderer.*tells no costs of real models"):
        tables.read(ROOT / "k8s" / "serve" / "laptop.yaml")


def test_costs_are_read_as_they_were_written(tmp_path: Path) -> None:
    given = fitted(observed({}), first())
    (tmp_path / "costs.json").write_text(given.model_dump_json(), "utf-8")
    assert tables.read(tmp_path / "costs.json") == given


@pytest.mark.parametrize("name", ["laptop", "single-gpu", "production"])
def test_every_serve_config_of_the_repository_can_be_simulated(name: str) -> None:
    found = configuration.read(ROOT / "k8s" / "serve" / f"{name}.yaml")
    run = simulated(tables.read(ROOT / "loadtests" / "cost_table.yaml"), found, [Arrival(1.0, "article")], 10.0)
    assert len(run.latencies_s) == 1
