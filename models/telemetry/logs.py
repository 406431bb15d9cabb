"""Log lines of a replica: written where Serve writes its own, as it is configured to (JSON, level), and with ids.

Texts and pictures of listings stand in no line of INFO or above; lines name them by job, article or hash.
"""

import logging

from models.telemetry import traces
from models.telemetry.ids import ids

SERVE = "ray.serve"  # the logger that Serve's `logging_config` configures in each replica
OURS = ("serve_app", "deployments", "models")


class Named(logging.Filter):
    """Adds `request_id`, `job`, `tenant` and `trace` to each line, where there are any."""

    def filter(self, record: logging.LogRecord) -> bool:
        here, trace = ids(), traces.traceparent()
        known = {"request_id": here.request, "job": here.job, "tenant": here.tenant}
        record.__dict__.update({name: value for name, value in known.items() if value})
        if trace is not None:
            record.__dict__["trace"] = trace.split("-")[1]
        return True


def begin() -> None:
    """Called by each replica when it starts; Serve has configured its own logger by then."""
    serve = logging.getLogger(SERVE)
    for handler in serve.handlers:
        if not any(isinstance(found, Named) for found in handler.filters):
            handler.addFilter(Named())
    for name in OURS:
        ours = logging.getLogger(name)
        ours.handlers, ours.propagate = list(serve.handlers), False
        ours.setLevel(serve.level)
