"""Alert rules and dashboards: they name what exists, say what to do, and burn rates come out as they should."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s.monitoring import dashboards
from models.telemetry.metrics import METRICS

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
RULES = ROOT / "k8s" / "monitoring" / "rules.yaml"
NAME = re.compile(r"\b(?:ray_[a-z0-9_]+|vitrine:[a-z0-9_:]+)\b")
WINDOWED = re.compile(r"\[\$__rate_interval\]")
promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="no promtool on this machine; on Debian: apt-get install prometheus"
)


def spec() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(RULES.read_text("utf-8"))["spec"]
    return found


def rules() -> list[dict[str, Any]]:
    return [rule for group in spec()["groups"] for rule in group["rules"]]


CASES = ("alerts.yaml", "alerts_of_days.yaml")
ALERTS = [rule for rule in rules() if "alert" in rule]


def expressions() -> Iterator[tuple[str, str]]:
    """(where it stands, PromQL)"""
    yield from ((rule.get("alert") or rule["record"], rule["expr"]) for rule in rules())
    for file in sorted(dashboards.FOLDER.glob("*.json")):
        for panel in json.loads(file.read_text("utf-8"))["panels"]:
            yield from ((f"{file.name}: {panel['title']}", target["expr"]) for target in panel["targets"])


def known() -> set[str]:
    """Every name under which Prometheus shows a series: ours as declared, Ray's as a running cluster showed them."""
    told = [line.split() for line in (HERE / "ray_metrics.txt").read_text("utf-8").splitlines()]
    series = [(metric.exported, metric.kind) for metric in METRICS] + [(name, kind) for name, kind in told]
    names = {rule["record"] for rule in rules() if "record" in rule}
    for name, kind in series:
        names |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    return names


def test_every_metric_that_is_named_exists() -> None:
    named = {(where, name) for where, expression in expressions() for name in NAME.findall(expression)}
    assert len(named) > 60
    assert not {(where, name) for where, name in named if name not in known()}


def test_every_tag_that_an_expression_asks_for_is_one_of_its_metric() -> None:
    tags = {metric.exported: set(metric.tags) for metric in METRICS}
    asked = re.compile(r"(ray_vitrine_[a-z_]+?)(?:_bucket|_sum|_count)?\{([^}]*)\}")
    seen = 0
    for where, expression in expressions():
        for name, selector in asked.findall(expression):
            given = set(re.findall(r"([a-z_]+)\s*[=!]", selector)) - {"le"}
            seen += len(given)
            assert given <= tags[name], f"{where}: {name} has no tag {given - tags[name]}"
    assert seen > 20


def test_every_bucket_that_an_expression_asks_for_is_an_edge_of_its_metric() -> None:
    edges = {metric.exported: {str(edge) for edge in metric.edges} for metric in METRICS}
    for where, expression in expressions():
        for name, edge in re.findall(r'(ray_vitrine_[a-z_]+)_bucket\{[^}]*le="([^"]+)"', expression):
            assert edge in edges[name], f"{where}: {name} has no bucket {edge}"


def test_every_metric_of_ours_is_on_a_dashboard() -> None:
    shown = " ".join(expression for where, expression in expressions() if ".json" in where)
    assert not [metric.name for metric in METRICS if metric.exported not in shown]


def test_the_dashboards_files_are_what_their_source_says() -> None:
    written = dashboards.written()
    assert {file: file.read_text("utf-8") for file in dashboards.FOLDER.glob("*.json")} == written
    for content in written.values():
        panels = json.loads(content)["panels"]
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
        assert len(set(places)) == len(panels)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_leads_to_a_page_with_three_first_steps(alert: dict[str, Any]) -> None:
    page = ROOT / alert["annotations"]["runbook"]
    assert page.stem == alert["alert"]
    text = page.read_text("utf-8")
    steps = re.findall(r"^(\d)\. ", text, re.MULTILINE)
    assert steps[:3] == ["1", "2", "3"], f"{page.name} has the steps {steps}"
    assert text.startswith(f"# {alert['alert']}\n")
    assert alert["labels"]["severity"] in ("page", "ticket")


def test_no_page_is_left_of_an_alert_that_is_gone() -> None:
    pages = {page.stem for page in (ROOT / "k8s" / "runbook").glob("Vitrine*.md")}
    assert pages == {alert["alert"] for alert in ALERTS}


@promtool
def test_promtool_reads_every_expression(tmp_path: Path) -> None:
    shown = [
        {"record": f"panel:{number}", "expr": WINDOWED.sub("[5m]", expression)}
        for number, (_, expression) in enumerate(expressions())
    ]
    (tmp_path / "all.yaml").write_text(
        yaml.safe_dump({"groups": [*spec()["groups"], {"name": "panels", "rules": shown}]}), "utf-8"
    )
    said = subprocess.run(
        ["promtool", "check", "rules", str(tmp_path / "all.yaml")], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


@promtool
def test_alerts_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(spec()), "utf-8")
    for cases in CASES:
        shutil.copy(HERE / cases, tmp_path)
    said = subprocess.run(
        ["promtool", "test", "rules", *CASES], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
