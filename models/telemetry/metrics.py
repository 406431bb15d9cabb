"""Every metric of Vitrine: name, meaning, unit and tags. Prometheus shows them with `ray_` before their names, counters
with `_total` after them.

A metric is written where its fact is known, whatever runs there; `record` says where the numbers go. Tags are names of
few values: never a tenant, a text or an id. Ray hands on a histogram's buckets and makes its sum from their middles, so
what has to add up exactly is a counter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
Write = Callable[["Metric", float, dict[str, str]], None]


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """`unit` is part of the name where it is one of measure; `edges`: upper ends of a histogram's buckets."""

    name: str
    kind: Kind
    help: str
    unit: str
    tags: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    @property
    def exported(self) -> str:
        """The name in Prometheus; a histogram adds `_bucket`, `_sum` and `_count`."""
        return f"ray_{self.name}" + ("_total" if self.kind == "counter" else "")

    def __call__(self, value: float = 1.0, **tags: str) -> None:
        """Adds to a counter, sets a gauge, observes for a histogram; all tags must be given."""
        if tags.keys() != set(self.tags):
            raise ValueError(f"{self.name} takes the tags {self.tags}, not {tuple(tags)}")
        for write in _writers:
            write(self, value, tags)


_writers: list[Write] = []


def record(write: Write) -> None:
    """From now on every number of this process also goes there."""
    _writers.append(write)


def forget(write: Write) -> None:
    _writers.remove(write)


SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0)
SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)  # eighths: batches hold 2 to 16
POINTS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9.5, 10.0)

HTTP_REQUESTS = Metric(
    "vitrine_http_requests", "counter", "Requests that were answered.", "requests", ("method", "route", "status")
)
HTTP_SECONDS = Metric(
    "vitrine_http_seconds", "histogram", "Time until a request's answer began.", "s", ("method", "route"), SECONDS
)
QUEUE_JOBS = Metric("vitrine_queue_jobs", "gauge", "Jobs that wait; all conductors tell the same.", "jobs", ("lane",))
QUEUE_AGE = Metric(
    "vitrine_queue_age_seconds", "gauge", "How long ago the oldest job that waits was accepted.", "s", ("lane",)
)
JOBS_ENDED = Metric("vitrine_jobs_ended", "counter", "Jobs that are over.", "jobs", ("kind", "lane", "state"))
JOB_SECONDS = Metric(
    "vitrine_job_seconds", "histogram", "From a job's acceptance to its end.", "s", ("kind", "lane"), SECONDS
)
JOB_WAIT = Metric(
    "vitrine_job_wait_seconds", "histogram", "From a job's acceptance to its first claim.", "s", ("lane",), SECONDS
)
JOBS_RETRIED = Metric("vitrine_jobs_retried", "counter", "Jobs that went back after a fault.", "jobs", ("code",))
DEAD_LETTERS = Metric("vitrine_dead_letters", "counter", "Jobs that failed at their last attempt.", "jobs", ("code",))
LEASES_LOST = Metric("vitrine_leases_lost", "counter", "Leases that ran out under a job.", "leases")
STORE_FAILURES = Metric(
    "vitrine_store_failures", "counter", "Calls that database or object store did not answer.", "calls", ("store",)
)
DISK_FREE = Metric("vitrine_disk_free_bytes", "gauge", "Free space of the data folder's file system.", "bytes")
STAGE_SECONDS = Metric(
    "vitrine_stage_seconds",
    "histogram",
    "A stage as its caller waited for it (part `whole`), and in its replica: in line (`queue`) and at work (`work`).",
    "s",
    ("stage", "part"),
    SECONDS,
)
STAGE_FAULTS = Metric(
    "vitrine_stage_faults", "counter", "Calls of a stage that gave no result.", "calls", ("stage", "code")
)
BATCH_FILL = Metric(
    "vitrine_batch_fill", "histogram", "Share of a batch's places that were taken.", "1", ("stage",), SHARES
)
ADAPTER_SWAPS = Metric("vitrine_adapter_swaps", "counter", "Changes of the renderer's set of adapters.", "swaps")
RENDERER_STEPS = Metric("vitrine_renderer_steps", "counter", "Denoising steps of the renderer.", "steps")
CACHE_LOOKUPS = Metric(
    "vitrine_cache_lookups", "counter", "Lookups in the caches of a replica's model.", "lookups", ("cache", "outcome")
)
VERDICTS = Metric(
    "vitrine_verdicts", "counter", "Checks of delivered pictures (pass, fail, unknown).", "checks", ("check", "state")
)
SCORES = Metric("vitrine_score_points", "histogram", "Scores of delivered pictures, of ten.", "points", (), POINTS)
PICTURES_DRAWN = Metric("vitrine_pictures_drawn", "counter", "Pictures drawn for articles.", "pictures", ("draft",))
PICTURES_APPROVED = Metric(
    "vitrine_pictures_approved", "counter", "Delivered pictures of articles that fail no check.", "pictures"
)
DEVICE_SECONDS = Metric("vitrine_device_seconds", "counter", "Seconds of the renderer's device for articles.", "s")
COST = Metric("vitrine_cost_eur", "counter", "Pictures drawn, at VITRINE_EUR_PER_PICTURE.", "EUR")
BUDGETS_EXHAUSTED = Metric(
    "vitrine_budgets_exhausted", "counter", "Articles that fail a check and may draw no further picture.", "articles"
)
WEBHOOKS = Metric(
    "vitrine_webhook_tries",
    "counter",
    "Tries to deliver a webhook (delivered, retried, failed).",
    "tries",
    ("outcome",),
)
DECISIONS = Metric(
    "vitrine_decisions", "counter", "Decisions of sellers, and what the verdict had said.", "decisions",
    ("decision", "verdict"),
)  # fmt: skip
PUBLICATION_EVENTS = Metric(
    "vitrine_publication_events", "counter", "What happened to pictures after publication.", "events",
    ("kind",),
)  # fmt: skip

METRICS: tuple[Metric, ...] = tuple(found for found in list(globals().values()) if isinstance(found, Metric))
