"""Writes the dashboards of Grafana: what each panel shows stands here, how Grafana wants it said in the files.

python -m k8s.monitoring.dashboards
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
WIDTH, HEIGHT = 8, 7  # of a panel in Grafana's grid of 24 columns
SOURCE = {"type": "prometheus", "uid": "${prometheus}"}
RATE = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    """`queries`: expression and legend of each line; `unit` as Grafana names it."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]


def rate(metric: str, by: str = "", where: str = "") -> str:
    """Per second, of a counter."""
    whole = f"rate({metric}{{{where}}}[{RATE}])" if where else f"rate({metric}[{RATE}])"
    return f"sum by ({by}) ({whole})" if by else f"sum({whole})"


def quantile(share: float, metric: str, by: str = "", where: str = "") -> str:
    """Of a histogram."""
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', ', '.join(filter(None, (by, 'le'))), where)})"


def mean(metric: str, by: str) -> str:
    """Of a histogram, as exact as its buckets: Ray hands on how many fell into each, and makes the sum from that."""
    return f"{rate(f'{metric}_sum', by)} / {rate(f'{metric}_count', by)}"


def share(metric: str, by: str, part: str, of: str = "") -> str:
    """What `part` of a counter is of the whole of it, or of the part `of`."""
    return f"{rate(metric, by, part)} / {rate(metric, by, of)}"


def p50_p95(title: str, metric: str, by: str = "", where: str = "") -> Panel:
    legend = f"{{{{{by}}}}} " if by else ""
    return Panel(
        title,
        "s",
        ((quantile(0.5, metric, by, where), f"{legend}p50"), (quantile(0.95, metric, by, where), f"{legend}p95")),
    )


SERVICE = (
    Panel("Requests by status", "reqps", ((rate("ray_vitrine_http_requests_total", "status"), "{{status}}"),)),
    Panel(
        "Failed requests against the objective",
        "percentunit",
        (("vitrine:http_failed:ratio_rate1h", "one hour"), ("vitrine:http_failed:ratio_rate3d", "three days")),
    ),
    p50_p95("Until an answer begins, by route", "ray_vitrine_http_seconds", "route"),
    Panel("Jobs that wait", "short", (("max by (lane) (ray_vitrine_queue_jobs)", "{{lane}}"),)),
    Panel("Age of the oldest that waits", "s", (("max by (lane) (ray_vitrine_queue_age_seconds)", "{{lane}}"),)),
    p50_p95("Interactive jobs from acceptance to end", "ray_vitrine_job_seconds", where='lane="interactive"'),
    Panel("Ends by state", "ops", ((rate("ray_vitrine_jobs_ended_total", "state"), "{{state}}"),)),
    Panel(
        "Back, dead, lost",
        "ops",
        (
            (rate("ray_vitrine_jobs_retried_total", "code"), "back: {{code}}"),
            (rate("ray_vitrine_dead_letters_total", "code"), "dead: {{code}}"),
            (rate("ray_vitrine_leases_lost_total"), "leases lost"),
        ),
    ),
    p50_p95("From acceptance to the first claim", "ray_vitrine_job_wait_seconds", "lane"),
    Panel(
        "Late interactive jobs against the objective",
        "percentunit",
        (("vitrine:jobs_late:ratio_rate1h", "one hour"), ("vitrine:jobs_late:ratio_rate3d", "three days")),
    ),
    Panel("Tries of webhooks", "ops", ((rate("ray_vitrine_webhook_tries_total", "outcome"), "{{outcome}}"),)),
    Panel("Stores that did not answer", "ops", ((rate("ray_vitrine_store_failures_total", "store"), "{{store}}"),)),
)
STAGES = (
    p50_p95("As callers wait for it", "ray_vitrine_stage_seconds", "stage", 'part="whole"'),
    p50_p95("In line in the replica", "ray_vitrine_stage_seconds", "stage", 'part="queue"'),
    p50_p95("At work in the replica", "ray_vitrine_stage_seconds", "stage", 'part="work"'),
    Panel("Calls", "ops", ((rate("ray_vitrine_stage_seconds_count", "stage", 'part="whole"'), "{{stage}}"),)),
    Panel(
        "Calls without a result",
        "ops",
        ((rate("ray_vitrine_stage_faults_total", "stage, code"), "{{stage}} {{code}}"),),
    ),
    Panel("Places of a batch that are taken", "percentunit", ((mean("ray_vitrine_batch_fill", "stage"), "{{stage}}"),)),
    Panel(
        "Changes of adapters per step",
        "short",
        ((f"{rate('ray_vitrine_adapter_swaps_total')} / {rate('ray_vitrine_renderer_steps_total')}", "changes"),),
    ),
    Panel(
        "Answers from caches",
        "percentunit",
        ((share("ray_vitrine_cache_lookups_total", "cache", 'outcome="hit"'), "{{cache}}"),),
    ),
    Panel(
        "Replicas: wanted and at work",
        "short",
        (
            ("max by (deployment) (ray_serve_autoscaling_target_replicas)", "{{deployment}} wanted"),
            ("sum by (deployment) (ray_serve_deployment_replica_healthy)", "{{deployment}} healthy"),
        ),
    ),
    Panel(
        "Calls in work at replicas",
        "short",
        (("sum by (deployment) (ray_serve_replica_processing_queries)", "{{deployment}}"),),
    ),
    Panel(
        "Calls that wait for a replica",
        "short",
        (("sum by (deployment) (ray_serve_deployment_queued_queries)", "{{deployment}}"),),
    ),
    Panel(
        "Nodes: processor, memory, disk",
        "percent",
        (
            ("max by (ip) (ray_node_cpu_utilization)", "{{ip}} processor"),
            ("max by (ip) (100 * ray_node_mem_used / ray_node_mem_total)", "{{ip}} memory"),
            ("max by (ip) (ray_node_disk_utilization_percentage)", "{{ip}} disk"),
        ),
    ),
)
APPROVED = rate("ray_vitrine_pictures_approved_total")
PICTURES = (
    Panel(
        "Passed, of what could be told",
        "percentunit",
        ((share("ray_vitrine_verdicts_total", "check", 'state="pass"', 'state=~"pass|fail"'), "{{check}}"),),
    ),
    Panel(
        "Unknown, of all checks",
        "percentunit",
        ((share("ray_vitrine_verdicts_total", "check", 'state="unknown"'), "{{check}}"),),
    ),
    Panel(
        "Score of ten",
        "short",
        ((quantile(0.5, "ray_vitrine_score_points"), "p50"), (quantile(0.05, "ray_vitrine_score_points"), "p05")),
    ),
    Panel("Approved pictures", "ops", ((APPROVED, "approved"),)),
    Panel(
        "Pictures drawn per approved one",
        "short",
        (
            (
                f"{rate('ray_vitrine_pictures_drawn_total', 'draft')} / ignoring(draft) group_left {APPROVED}",
                "draft: {{draft}}",
            ),
        ),
    ),
    Panel(
        "Device seconds per approved picture",
        "s",
        ((f"{rate('ray_vitrine_device_seconds_total')} / {APPROVED}", "seconds"),),
    ),
    Panel("Cost per approved picture", "currencyEUR", ((f"{rate('ray_vitrine_cost_eur_total')} / {APPROVED}", "EUR"),)),
    Panel("Budgets used up in vain", "ops", ((rate("ray_vitrine_budgets_exhausted_total"), "articles"),)),
    Panel(
        "Sellers against the verdict",
        "ops",
        ((rate("ray_vitrine_decisions_total", "decision, verdict"), "{{decision}}, verdict {{verdict}}"),),
    ),
    Panel("After publication", "ops", ((rate("ray_vitrine_publication_events_total", "kind"), "{{kind}}"),)),
    Panel("Free space of the data folder", "bytes", (("min(ray_vitrine_disk_free_bytes)", "free"),)),
)
DASHBOARDS = {
    "service": ("Vitrine: service", SERVICE),
    "stages": ("Vitrine: stages", STAGES),
    "pictures": ("Vitrine: pictures", PICTURES),
}


def dashboard(name: str, title: str, panels: Sequence[Panel]) -> dict[str, Any]:
    """The document of Grafana; the data source is chosen on the page."""
    source = {"name": "prometheus", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": f"vitrine-{name}",
        "title": title,
        "tags": ["vitrine"],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": [source]},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, 24 // WIDTH)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "expr": expression, "legendFormat": legend, "datasource": SOURCE}
            for place, (expression, legend) in enumerate(panel.queries)
        ],
    }


def written() -> dict[Path, str]:
    """File -> what stands in it."""
    return {
        FOLDER / f"{name}.json": json.dumps(dashboard(name, *shown), indent=1) + "\n"
        for name, shown in DASHBOARDS.items()
    }


if __name__ == "__main__":
    for file, content in written().items():
        file.write_text(content, "utf-8")
