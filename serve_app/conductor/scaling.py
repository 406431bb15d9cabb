"""How many conductors there should be: as many as the queue fills, not as many as there are requests to them."""

import math
from typing import Any

SLOTS = 64  # articles that one conductor has in work; `articles_at_once` of the settings


def by_depth(context: Any) -> tuple[int, dict[str, Any]]:
    """Serve's policy function: replicas for what waits and what is in work, within the deployment's own bounds.

    Every replica reports the same number of waiting jobs, for they share the queue, and its own number in work.
    """
    reported = context.aggregated_metrics or {}
    waiting = max(reported.get("waiting", {}).values(), default=0.0)
    working = sum(reported.get("working", {}).values())
    wanted = math.ceil((waiting + working) / SLOTS)
    least, most = context.capacity_adjusted_min_replicas, context.capacity_adjusted_max_replicas
    return min(max(wanted, least, 1), most), {}
