"""Which sizes an engine takes: spans of the axes that vary, one profile per bucket of traffic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Sizes of one axis; a plan is tuned for the usual one."""

    least: int
    usual: int
    most: int

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.usual <= self.most:
            raise ValueError(f"a span rises from 1 on: {self.least}, {self.usual}, {self.most} do not")

    @classmethod
    def only(cls, size: int) -> "Span":
        return cls(size, size, size)


@dataclass(frozen=True)
class Profile:
    """Spans by the axis' name."""

    spans: Mapping[str, Span]

    def holds(self, sizes: Mapping[str, int]) -> bool:
        return all(span.least <= sizes[axis] <= span.most for axis, span in self.spans.items())

    def least(self) -> dict[str, int]:
        return {axis: span.least for axis, span in self.spans.items()}

    def usual(self) -> dict[str, int]:
        return {axis: span.usual for axis, span in self.spans.items()}

    def most(self) -> dict[str, int]:
        return {axis: span.most for axis, span in self.spans.items()}


def measured(axis: int | str, sizes: Mapping[str, int]) -> int:
    """Length of an axis: a number, the name of one that varies, or a part of it such as `8*height`, `width/2`."""
    if isinstance(axis, int):
        return axis
    factor, times, multiplied = axis.partition("*")
    if times:
        return int(factor) * sizes[multiplied]
    name, _, divisor = axis.partition("/")
    return sizes[name] // int(divisor or 1)


def which(profiles: Sequence[Profile], sizes: Mapping[str, int]) -> int | None:
    """Place of the first profile that holds these sizes: narrow ones stand before wide ones."""
    return next((place for place, profile in enumerate(profiles) if profile.holds(sizes)), None)
