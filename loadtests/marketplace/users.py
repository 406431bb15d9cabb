"""The users of a marketplace, each a source of arrivals at Poisson times.

Arrivals are open-loop: what a user sends next does not wait for what it sent before, and latency counts from the time
at which the request was due. What follows an arrival is closed-loop, as it is in life: a shop looks after its job, or
orders the final, when it has heard what it waited for.
"""

import itertools
import json
import random
import time
from collections.abc import Callable
from typing import Any, ClassVar

import gevent
from gevent.pool import Group
from locust import FastHttpUser, task

from loadtests.marketplace.call import OVER, Caller
from loadtests.marketplace.corpus import Ask, Corpus
from loadtests.marketplace.journal import Journal
from loadtests.marketplace.shapes import GAP_S

POLL_S = 0.5  # how often a poller looks
SHEET_ROWS = 6  # of one upload
CANCELS_AFTER_S = (0.05, 1.5)  # from a slip of the finger to second thoughts
PATIENCE_S = 300.0  # for one answer, and after which a job counts as lost
BOUNDARY = "vitrine-load-test"


class Marketplace:
    """What the users of one process share."""

    def __init__(self, corpus: Corpus, seed: int, keys: list[str]) -> None:
        self.corpus, self.keys, self.journal = corpus, keys, Journal()
        self.in_flight, self.closed = Group(), False
        self._seeds = itertools.count(seed)

    def rng(self) -> random.Random:
        """A generator of its own for the next user."""
        return random.Random(next(self._seeds))

    def settle(self, seconds: float) -> None:
        """Nobody comes any more; until everything that was sent is answered and every accepted job is over."""
        self.closed = True
        self.in_flight.join(timeout=seconds)
        self.in_flight.kill()


class Shop(FastHttpUser):
    """Sends on average once in GAP_S seconds, whatever has become of what it sent before."""

    abstract = True
    concurrency = 32  # connections of one user: what it sent may all be waiting
    network_timeout = connection_timeout = PATIENCE_S
    market: ClassVar[Marketplace]  # set by the locustfile, once per process

    def on_start(self) -> None:
        self.rng = self.market.rng()
        keys = self.market.keys
        key = self.rng.choice(keys) if keys else None
        self.calling = Caller(self.client, self.environment, self.market.journal, key)
        self.due = time.perf_counter() + self.rng.expovariate(1 / GAP_S)

    def wait_time(self) -> float:
        return max(0.0, self.due - time.perf_counter())

    @task
    def arrive(self) -> None:
        """Locust's first call comes before the first wait, so nothing is due yet then."""
        while self.due <= time.perf_counter() and not self.market.closed:
            self.market.in_flight.spawn(self.visit, self.due)
            self.due += self.rng.expovariate(1 / GAP_S)

    def visit(self, due: float) -> None:
        """What this user came for."""
        raise NotImplementedError

    def drawn(self, kind: str, listing: dict[str, str], options: dict[str, Any], due: float) -> bool:
        """One article in one call, which waits for its job."""
        record = self.calling.send(Ask(kind, "POST", "/v1/articles", listing | {"options": options}, (200, 422)), due)
        if record is not None and "status" in record:
            self.market.journal.accepted += 1
            self.market.journal.ended[record["status"]] += 1
        return record is not None

    def ordered(self, due: float) -> str | None:
        """The id of a new job."""
        corpus = self.market.corpus
        order = {"input": corpus.listing(), "options": corpus.options("draft")}
        job = self.calling.send(Ask("job accepted", "POST", "/v1/jobs", order), due)
        if job is None:
            return None
        self.market.journal.accepted += 1
        return str(job["id"])

    def ended(self, job: str, every_s: float = POLL_S) -> str | None:
        """The state in which a job ended, by looking after it; None when that takes too long."""
        until = time.perf_counter() + PATIENCE_S
        while time.perf_counter() < until:
            found = self.calling.send(Ask("job looked at", "GET", f"/v1/jobs/{job}"))
            if found is not None and found["state"] in OVER:
                self.market.journal.ended[found["state"]] += 1
                return str(found["state"])
            gevent.sleep(every_s)
        return None

    def seen_to_end(self, kind: str, due: float, wait: Callable[[], str | None]) -> None:
        """A job from its order to the end that `wait` sees."""
        state = wait()
        good = state in ("succeeded", "canceled")
        self.calling.whole(kind, due, "ok" if good else "failed", "" if good else f"{kind}: ended as {state}")


class Single(Shop):
    """One article at a time, as a final."""

    weight = 6

    def visit(self, due: float) -> None:
        corpus = self.market.corpus
        self.drawn("article", corpus.listing(), corpus.options("final"), due)


class Undecided(Shop):
    """A draft first; the final of the same listing when the draft is there."""

    weight = 4

    def visit(self, due: float) -> None:
        corpus = self.market.corpus
        listing = corpus.listing()
        if self.drawn("draft", listing, corpus.options("draft"), due):
            self.drawn("final after draft", listing, corpus.options("final"), time.perf_counter())


class Poller(Shop):
    """A job, looked at until it is over."""

    weight = 3

    def visit(self, due: float) -> None:
        if (job := self.ordered(due)) is not None:
            self.seen_to_end("job, polled", due, lambda: self.ended(job))


class Listener(Shop):
    """A job, followed by its events."""

    weight = 3

    def visit(self, due: float) -> None:
        if (job := self.ordered(due)) is not None:
            self.seen_to_end("job, followed", due, lambda: self._heard(job))

    def _heard(self, job: str) -> str | None:
        for event in self.calling.events(job):
            if event in OVER:
                self.market.journal.ended[event] += 1
                return event
        return self.ended(job)


class Canceller(Shop):
    """A job that nobody wants any more, a moment later."""

    weight = 1

    def visit(self, due: float) -> None:
        if (job := self.ordered(due)) is None:
            return
        gevent.sleep(self.rng.uniform(*CANCELS_AFTER_S))
        asked = time.perf_counter()
        self.calling.send(Ask("job cancelled", "POST", f"/v1/jobs/{job}/cancel"))
        self.seen_to_end("cancel took effect", asked, lambda: self.ended(job))


class Uploader(Shop):
    """A catalogue: a sheet whose rows become jobs of the catalogue lane."""

    weight = 1

    def visit(self, due: float) -> None:
        corpus = self.market.corpus
        body, headers = form(corpus.sheet(SHEET_ROWS), corpus.options("draft"))
        batch = self.calling.send(Ask("batch accepted", "POST", "/v1/batches", body, (202,), headers), due)
        if batch is not None:
            self.market.journal.accepted += SHEET_ROWS
            self._finished(batch["id"], due)

    def _finished(self, batch: str, due: float) -> None:
        until = time.perf_counter() + PATIENCE_S
        while time.perf_counter() < until:
            gevent.sleep(4 * POLL_S)
            found = self.calling.send(Ask("batch looked at", "GET", f"/v1/batches/{batch}"))
            if found is not None and found["state"] not in ("queued", "running"):
                self.market.journal.ended.update(found["counts"])
                good = found["state"] == "finished"
                self.calling.whole("batch", due, "ok" if good else "failed", "" if good else f"batch: {found['state']}")
                return


class BadClient(Shop):
    """What has to be refused: broken bodies, wrong options, other people's ids."""

    weight = 2

    def visit(self, due: float) -> None:
        self.calling.send(self.market.corpus.bad(), due)


PERSONAS = (Single, Undecided, Poller, Listener, Canceller, Uploader, BadClient)


def form(sheet: bytes, options: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A multipart form with a sheet, and its headers."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="options"\r\n\r\n{json.dumps(options)}\r\n'.encode(),
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="feed.csv"\r\n'.encode(),
        b"Content-Type: text/csv\r\n\r\n" + sheet + f"\r\n--{BOUNDARY}--\r\n".encode(),
    ]
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
