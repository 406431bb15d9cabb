"""What is declared of metrics is what code may write."""

import subprocess
from pathlib import Path

import pytest
from telemetry_written import written

from models.telemetry import metrics
from models.telemetry.metrics import BATCH_FILL, JOBS_ENDED, METRICS, Metric

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_says_what_it_means_and_has_buckets_where_it_needs_them(metric: Metric) -> None:
    assert metric.name.startswith("vitrine_")
    assert metric.help.endswith(".")
    assert bool(metric.edges) == (metric.kind == "histogram")
    assert list(metric.edges) == sorted(set(metric.edges))
    if metric.unit == "s" and metric.kind != "counter":
        assert metric.name.endswith("_seconds"), f"{metric.name} is in seconds and does not say so"


def test_no_two_metrics_share_a_name() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS) > 25


def test_no_metric_has_a_tag_without_bound() -> None:
    bounded = """method route status lane kind state code store stage part cache outcome check draft decision verdict"""
    assert {tag for metric in METRICS for tag in metric.tags} <= set(bounded.split())


def test_a_number_without_all_its_tags_is_refused() -> None:
    with pytest.raises(ValueError, match="takes the tags"):
        JOBS_ENDED(kind="article")
    with pytest.raises(ValueError, match="takes the tags"):
        BATCH_FILL(0.5, stage="score", tenant="shop")


def test_numbers_go_to_all_who_record_them_and_to_nobody_afterwards() -> None:
    with written() as first, written() as second:
        BATCH_FILL(0.5, stage="score")
    BATCH_FILL(0.75, stage="score")
    assert first.of(BATCH_FILL) == second.of(BATCH_FILL) == [(0.5, {"stage": "score"})]


def test_every_metric_is_written_somewhere() -> None:
    declared = {name for name, found in vars(metrics).items() if isinstance(found, Metric)}
    places = ["serve_app", "deployments", "models"]
    for name in sorted(declared):
        found = subprocess.run(
            ["grep", "-rlw", "--include=*.py", name, *places], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.split()
        others = set(found) - {"models/telemetry/metrics.py", "serve_app/operations.py"}
        assert others, f"{name} is declared and never written"
