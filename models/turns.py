"""Who takes the next step of a renderer, and whose picture is decoded next: short work first, nobody forgotten.

Pictures of one group (adapters and size) step together. Watched ones go before a catalogue's, then the one with the
least work left, so that a draft passes a final between two of its steps. A change of adapters has to be worth a step of
the largest picture for every batch that waits: the busier the device, the longer a set stays in place. A group that has
waited for `BOUND` times its own work leads until its picture is done, as soon as the set in place has had its turn of
one step for every waiting batch. Nothing waits for a batch to fill, but where decoding is slower than denoising there
is no hurry: steps wait while pictures that go first wait to be decoded, and meet the company that comes meanwhile.
Decoding a picture counts as much as all its steps.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from models.domain import WeightedAdapter
from models.roles import Denoising

BOUND = 4  # times its own work: a picture of four steps begins after sixteen of its size


@dataclass(eq=False)
class Waiting:
    """A picture between two steps. Work is counted in pixels times steps; `waited`: others' work since it came."""

    way: Denoising
    watched: bool
    waited: int = 0

    @property
    def pixels(self) -> int:
        return self.way.order.width * self.way.order.height

    @property
    def whole(self) -> int:
        return self.pixels * self.way.steps

    @property
    def left(self) -> int:
        return self.pixels * (self.way.steps - self.way.done)


One = TypeVar("One", bound=Waiting)


class Turns:
    """The order of one device's steps; `together`: pictures that one step takes at most."""

    def __init__(self, together: int) -> None:
        self._together = together
        self._in_place: tuple[WeightedAdapter, ...] = ()
        self._leader: Any = None  # of a group that had waited for its bound
        self._turn = 0  # work since another set came in place
        self._waited: dict[Hashable, int] = {}  # of groups, since their last step
        self.swaps = 0

    def next(self, ready: Sequence[One]) -> list[One]:
        """The pictures of the next step, all of one group; `ready` is not empty and in the order in which they came."""
        groups: dict[Hashable, list[One]] = {}
        for one in ready:
            groups.setdefault(one.way.group, []).append(one)
        leader = self._leads(groups, ready)
        chosen = sorted(groups[leader.way.group], key=lambda one: (one is not leader, *_rank(one)))[: self._together]
        self._note(chosen, ready, groups)
        return chosen

    def _leads(self, groups: dict[Hashable, list[One]], ready: Sequence[One]) -> One:
        for one in ready:
            if one is self._leader:
                return one
        keeps = max(one.pixels for one in ready) * len(ready) // self._together  # what leaving a set has to be worth
        late = {group: ratio for group, waiting in groups.items() if (ratio := self._ratio(group, waiting)) >= BOUND}
        if self._turn < keeps and not all(self._swaps(one) for one in ready):
            late = {group: ratio for group, ratio in late.items() if not self._swaps(groups[group][0])}
        if late:
            self._leader = min(groups[max(late, key=lambda group: late[group])], key=_rank)
            return self._leader  # type: ignore[no-any-return]
        return min(ready, key=lambda one: (not one.watched, one.left + keeps * self._swaps(one), self._swaps(one)))

    def _ratio(self, group: Hashable, waiting: Iterable[Waiting]) -> float:
        return self._waited.get(group, 0) / min(one.whole for one in waiting)

    def _swaps(self, one: Waiting) -> bool:
        """No adapters are always in place: the others are left out of the sum."""
        return one.way.order.adapters not in ((), self._in_place)

    def _note(self, chosen: Sequence[Waiting], ready: Sequence[Waiting], groups: Iterable[Hashable]) -> None:
        first = chosen[0]
        if self._swaps(first):
            self._in_place, self._turn, self.swaps = first.way.order.adapters, 0, self.swaps + 1
        self._turn += first.pixels
        waited = {group: self._waited.get(group, 0) + first.pixels for group in groups}
        self._waited = waited | {first.way.group: 0}
        for one in ready:
            if one not in chosen:
                one.waited += first.pixels


def decoded(over: Sequence[One]) -> One:
    """Whose picture comes next of those that are denoised: no draft waits for all the finals before it."""
    chosen = min(over, key=_place)
    for one in over:
        if one is not chosen:
            one.waited += chosen.whole
    return chosen


def hurried(ready: Sequence[Waiting], over: Sequence[Waiting]) -> bool:
    """Whether a picture between two steps would be decoded before one of those that wait for it, or none waits."""
    return not over or min(map(_place, ready)) < max(map(_place, over))


def _place(one: Waiting) -> tuple[float, bool, int]:
    """In the line of those that are decoded."""
    late, unwatched, _ = _rank(one)
    return late, unwatched, one.pixels


def _rank(one: Waiting) -> tuple[float, bool, int]:
    """The smallest of a group goes first."""
    ratio = one.waited / one.whole
    return -ratio if ratio >= BOUND else 0.0, not one.watched, one.left
