"""For whom something is done: ids that log lines carry, in this process and in those that it calls."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace

from models.telemetry import traces


@dataclass(frozen=True, slots=True)
class Ids:
    """Of the request, its job and their tenant; empty where there is none."""

    request: str = ""
    job: str = ""
    tenant: str = ""


NO_IDS = Ids()
_ids: ContextVar[Ids] = ContextVar("ids", default=NO_IDS)


def ids() -> Ids:
    return _ids.get()


@contextlib.contextmanager
def bound(**changed: str) -> Iterator[None]:
    """Within the block, and in tasks that begin there."""
    before = _ids.set(replace(_ids.get(), **changed))
    try:
        yield
    finally:
        _ids.reset(before)


@dataclass(frozen=True, slots=True)
class Sender:
    """What goes along with a call to another process: for whom it is, and in which span."""

    ids: Ids = NO_IDS
    traceparent: str | None = None

    @classmethod
    def here(cls) -> "Sender":
        return cls(_ids.get(), traces.traceparent())

    @contextlib.contextmanager
    def received(self) -> Iterator[None]:
        """In the process that was called: as if it were done where the call came from."""
        with bound(request=self.ids.request, job=self.ids.job, tenant=self.ids.tenant), traces.within(self.traceparent):
            yield


NOBODY = Sender()
