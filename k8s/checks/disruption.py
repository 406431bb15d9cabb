"""What a drain of nodes leaves standing."""

from collections.abc import Iterator

from k8s.checks.rendered import Node, Rendered, name_of, selects


def budgets_fit_their_pods(rendered: Rendered) -> Iterator[str]:
    """Pods of an operator allow minAvailable as a number only, and more than the least would forbid every drain."""
    for budget in rendered.of("PodDisruptionBudget"):
        spec = budget["spec"]
        least = sum(group.get("minReplicas", 0) for group in _selected(budget, rendered))
        if not isinstance(spec.get("minAvailable"), int) or "maxUnavailable" in spec:
            yield f"PodDisruptionBudget {name_of(budget)}: {spec}; it must be minAvailable with a number"
        elif not 0 < spec["minAvailable"] <= least:
            yield f"PodDisruptionBudget {name_of(budget)}: minAvailable {spec['minAvailable']} of at least {least} pods"


def every_standing_group_has_a_budget(rendered: Rendered) -> Iterator[str]:
    covered = [group["groupName"] for one in rendered.of("PodDisruptionBudget") for group in _selected(one, rendered)]
    for group in rendered.groups:
        name, budgets = group["groupName"], covered.count(group["groupName"])
        if group.get("minReplicas", 0) and budgets != 1:
            yield f"group {name}: {budgets} PodDisruptionBudgets select its pods"


def _selected(budget: Node, rendered: Rendered) -> list[Node]:
    pods = [pod for pod in rendered.ray_pods[1:] if selects(budget["spec"]["selector"], pod)]
    return [pod.group for pod in pods if pod.group is not None]
