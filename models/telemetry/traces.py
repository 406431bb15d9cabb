"""Spans of OpenTelemetry, where `VITRINE_TRACES` asks for them; where it does not, a span costs a comparison.

One trace goes from the request through the job's row, the conductor that claims it and the handles to the replicas:
`traceparent` (W3C) says in which span something goes on. Times are seconds since 1970.
"""

import contextlib
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from models.telemetry.settings import TraceSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
FLUSH_MS = 1000  # a process that is killed takes the spans of so long along
Value = str | int | float | bool

_tracer: "Tracer | None" = None
_off: AbstractContextManager[None] = contextlib.nullcontext()


def begin(role: str, settings: TraceSettings | None = None) -> None:
    """Called once by every process that has something to tell; `role` names it among the others."""
    settings = settings or TraceSettings()
    if settings.traces is None or _tracer is not None:
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    instance = f"{role}-{socket.gethostname()}-{os.getpid()}"
    resource = Resource({"service.name": "vitrine", "vitrine.role": role, "service.instance.id": instance})
    provider = TracerProvider(ParentBased(TraceIdRatioBased(settings.traces_share)), resource)
    exporter = _exporter(settings.traces, instance)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=FLUSH_MS))
    use(provider.get_tracer("vitrine"))


def use(tracer: "Tracer | None") -> None:
    """From now on spans go to this tracer; None: nowhere."""
    global _tracer  # noqa: PLW0603 - one per process, as its logger is
    _tracer = tracer


def _exporter(place: str, instance: str) -> "SpanExporter":
    if place.startswith(("http://", "https://")):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(endpoint=place)
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter

    folder = Path(place)
    folder.mkdir(parents=True, exist_ok=True)
    lines = (folder / f"{instance}.jsonl").open("a", encoding="utf-8")  # open for as long as the process lives
    return ConsoleSpanExporter(out=lines, formatter=lambda span: f"{span.to_json(indent=None)}\n")


def span(name: str, **attributes: Value) -> AbstractContextManager[None]:
    """Around a piece of work. Attributes are ids, names and numbers, never texts of a listing."""
    return _off if _tracer is None else _spanned(_tracer, name, attributes)


@contextlib.contextmanager
def _spanned(tracer: "Tracer", name: str, attributes: dict[str, Value]) -> Iterator[None]:
    from opentelemetry.trace import StatusCode

    # Messages of exceptions may hold a listing's words, so a span tells their kind only.
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield
        except BaseException as error:
            made.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def named(name: str, **attributes: Value) -> None:
    """Gives the current span its name once it is known."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span

        here = get_current_span()
        here.update_name(name)
        here.set_attributes(attributes)


def past(name: str, began: float, ended: float | None = None, **attributes: Value) -> None:
    """A span that is known when it is over, beside what is current."""
    if _tracer is not None:
        over = time.time() if ended is None else ended
        made = _tracer.start_span(name, start_time=_ns(min(began, over)), attributes=attributes)
        made.end(_ns(over))


def traceparent() -> str | None:
    """Of the current span, for whoever goes on with its work."""
    if _tracer is None:
        return None
    from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

    here = get_current_span().get_span_context()
    if not here.is_valid:
        return None
    return f"00-{format_trace_id(here.trace_id)}-{format_span_id(here.span_id)}-{here.trace_flags:02x}"


@contextlib.contextmanager
def within(parent: str | None) -> Iterator[None]:
    """What the block does belongs to a span that may have begun elsewhere; None: to no span so far."""
    if _tracer is None:
        yield
        return
    from opentelemetry import context
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": parent} if parent is not None and TRACEPARENT.fullmatch(parent) else {}
    token = context.attach(TraceContextTextMapPropagator().extract(carrier, Context()))
    try:
        yield
    finally:
        context.detach(token)


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)
