"""How many conductors there should be: as many as the queue fills, not as many as there are requests to them."""

import math
from typing import Any


def by_depth(context: Any) -> tuple[int, dict[str, Any]]:
    """Serve's policy function: replicas for what waits and what is in work, within the deployment's own bounds.

    Every replica reports the same number of waiting jobs, for they share the queue, its own number in work, and how
    many it takes at once.
    """
    reported = context.aggregated_metrics or {}
    waiting = max(reported.get("waiting", {}).values(), default=0.0)
    working = sum(reported.get("working", {}).values())
    slots = max(reported.get("slots", {}).values(), default=math.inf)
    wanted = math.ceil((waiting + working) / slots)
    least, most = context.capacity_adjusted_min_replicas, context.capacity_adjusted_max_replicas
    return min(max(wanted, least, 1), most), {}
