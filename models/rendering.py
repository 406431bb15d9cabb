"""Orders drawn one after the other where nobody waits beside them: evaluations, trainings, tests."""

from collections.abc import Hashable, Sequence
from typing import Any

from models.domain import Picture, Refusal, RenderOrder
from models.roles import Renderer


def render(renderer: Renderer[Any], orders: Sequence[RenderOrder]) -> list[Picture | Refusal]:
    """One picture per order; those of one group go together."""
    begun = [renderer.begin(order) for order in orders]
    groups: dict[Hashable, list[Any]] = {}
    for way in begun:
        if not isinstance(way, Refusal):
            groups.setdefault((way.group, way.steps), []).append(way)
    drawn: dict[int, Picture] = {}
    for group in groups.values():
        for start in range(0, len(group), renderer.together):
            together = group[start : start + renderer.together]
            for _ in range(together[0].steps):
                renderer.step(together)
            drawn |= zip(map(id, together), renderer.finish(together), strict=True)
    return [way if isinstance(way, Refusal) else drawn[id(way)] for way in begun]
