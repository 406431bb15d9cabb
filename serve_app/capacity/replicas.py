"""One replica of each sort, as the twin runs it: batches, texts token by token, and the renderer's steps."""

import random
from dataclasses import dataclass, field

from models.domain import RenderOrder, WeightedAdapter
from models.turns import Turns, Waiting, decoded, hurried
from serve_app.capacity.clock import Clock, Event, Passage, Places
from serve_app.capacity.cores import Cores
from serve_app.capacity.costs import Cost, Drawing


def scattered(rng: random.Random, scatter: float) -> float:
    """A factor with mean 1, lognormal; `scatter`: standard deviation of its logarithm."""
    return rng.lognormvariate(-(scatter**2) / 2, scatter) if scatter else 1.0


@dataclass(eq=False)
class Call:
    """What a replica is asked for; `scale`: its work in terms of the table's."""

    over: Event
    scale: float = 1.0
    side: int = 256
    adapter: int = 0
    watched: bool = True


class Replica:
    """What all sorts share: calls that wait for it, and how many it holds."""

    def __init__(self, clock: Clock, cost: Cost, device: Cores, rng: random.Random) -> None:
        self._clock, self._cost, self._device, self._rng = clock, cost, device, rng
        self.held = 0
        self.waiting: list[Call] = []
        self._at_work = False

    def take(self, call: Call) -> None:
        self.held += 1
        self.waiting.append(call)
        if not self._at_work:
            self._at_work = True
            self._clock.begin(self._work())

    def _work(self) -> Passage:
        raise NotImplementedError

    def _end(self, call: Call) -> None:
        self.held -= 1
        call.over.happen()

    def _busy(self, seconds: float) -> Event:
        return self._device.work(seconds, self._cost.weight)

    def _scattered(self) -> float:
        """A factor with mean 1."""
        return scattered(self._rng, self._cost.scatter)


class Batching(Replica):
    """Takes what waits, up to a batch, as soon as the last one is done."""

    def _work(self) -> Passage:
        while self.waiting:
            batch = self.waiting[: self._cost.together]
            del self.waiting[: len(batch)]
            each = sum(call.scale * self._cost.each_s * self._scattered() for call in batch)
            yield self._busy(self._cost.fixed_s * max(call.scale for call in batch) + each)
            for call in batch:
                self._end(call)
        self._at_work = False


PARTS = 8  # of a text: calls join and leave between them, as they do between tokens


class Writing(Replica):
    """A text takes its time in parts, and each part is one of all texts that are being written."""

    def _work(self) -> Passage:
        written: dict[Call, int] = {}  # call -> parts that are left
        while self.waiting or written:
            while self.waiting and len(written) < self._cost.together:
                call = self.waiting.pop(0)
                written[call] = round(PARTS * call.scale * self._scattered())
            yield self._busy((self._cost.fixed_s + len(written) * self._cost.each_s) / PARTS)
            written = {call: left - 1 for call, left in written.items()}
            for call in [call for call, left in written.items() if left <= 0]:
                del written[call]
                self._end(call)
        self._at_work = False


@dataclass
class Way:
    """A picture between two steps, as `models.turns` looks at it."""

    order: RenderOrder
    steps: int
    done: int = 0
    group: tuple[int, tuple[WeightedAdapter, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.group = self.order.width, self.order.adapters


@dataclass(eq=False, kw_only=True)
class Picture(Waiting):
    """One of the renderer's pictures."""

    call: Call


class Drawer(Replica):
    """The renderer: its order is `models.turns`, as in the service."""

    def __init__(self, clock: Clock, cost: Drawing, device: Cores, rng: random.Random) -> None:
        super().__init__(clock, cost, device, rng)
        self._drawing, self._turns = cost, Turns(cost.together)
        self._encoder, self._decoder = Places(clock, 1), Places(clock, cost.decoders)
        self._ready: list[Picture] = []
        self._over: list[Picture] = []
        self._changed = clock.event()

    @property
    def swaps(self) -> int:
        return self._turns.swaps

    def take(self, call: Call) -> None:
        self.held += 1
        self._clock.begin(self._begun(call))

    def _begun(self, call: Call) -> Passage:
        scattered = self._scattered()
        call.scale *= scattered
        yield self._encoder.take()
        yield self._busy(self._drawing.begin_s * scattered)
        self._encoder.leave()
        adapters = (WeightedAdapter(f"set {call.adapter}", 1.0),) if call.adapter else ()
        order = RenderOrder("", 0, call.side, call.side, adapters=adapters)
        self._ready.append(Picture(Way(order, self._drawing.steps), call.watched, call=call))
        self._change()
        if not self._at_work:
            self._at_work = True
            self._clock.begin(self._work())

    def _work(self) -> Passage:
        cost = self._drawing
        while self._ready:
            if not hurried(self._ready, self._over):
                yield self._changed
                continue
            swapped = self._turns.swaps
            together = self._turns.next(self._ready)
            each = sum(picture.call.scale * cost.each_s for picture in together)
            longest = max(picture.call.scale for picture in together)
            yield self._busy(cost.fixed_s * longest + each + (self._turns.swaps - swapped) * cost.swap_s)
            self._stepped(together)
        self._at_work = False

    def _stepped(self, together: list[Picture]) -> None:
        for picture in together:
            picture.way.done += 1  # type: ignore[misc]  # the protocol only reads it
            if picture.way.done == picture.way.steps:
                self._ready.remove(picture)
                self._over.append(picture)
                self._clock.begin(self._finished())

    def _finished(self) -> Passage:
        yield self._decoder.take()
        picture = decoded(self._over)
        self._over.remove(picture)
        self._change()
        yield self._busy(self._drawing.decode_s * picture.call.scale)
        self._decoder.leave()
        self._end(picture.call)

    def _change(self) -> None:
        changed, self._changed = self._changed, self._clock.event()
        changed.happen()
