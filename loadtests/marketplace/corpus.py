"""What marketplaces send: composed listings as articles, jobs and sheets, and what bad clients send instead.

Seeded: the same seed composes the same listings in the same order, and every process of a distributed test has its own.
"""

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loadtests.traffic import DRAFT, FINAL, zipf
from models.starter.corpus.listings import listings

APART = 1_000_003  # between the seeds of two processes: a prime, so that no two tests of a row share listings
COLUMNS = ("name", "description", "model_name", "model_descr")
NOWHERE = f"job_{'0' * 26}"  # an id of the right form that nobody was given


@dataclass(frozen=True)
class Ask:
    """One request; `kind` names it in the statistics, `meant` are the codes that it should be answered with."""

    kind: str
    method: str
    path: str
    body: Any = None  # of a dict JSON is sent
    meant: tuple[int, ...] = (200, 202)
    headers: Mapping[str, str] = field(default_factory=dict)


class Corpus:
    """Endless; `adapters`: the first one is asked for most often, None is the model without any."""

    def __init__(self, seed: int, process: int = 0, adapters: Sequence[str | None] = (None,)) -> None:
        whole = seed + APART * process
        self._texts, self._rng = listings(whole), random.Random(whole)
        self._adapters, self._seed = adapters, whole

    def listing(self) -> dict[str, str]:
        """Four columns that nobody has sent before in this test."""
        composed = next(self._texts)
        return {name: getattr(composed, name) for name in COLUMNS}

    def options(self, kind: str) -> dict[str, Any]:
        """`kind`: draft or final; a listing without a colour is drawn in a neutral one, so that every job can end."""
        chosen = {"adapter": zipf(self._adapters, self._rng), "policy": "neutral", "seed": self._seed % 2**31}
        return (DRAFT if kind == "draft" else FINAL) | chosen

    def sheet(self, rows: int) -> bytes:
        """A feed as a shop exports it: CSV with a header."""
        written = io.StringIO()
        table = csv.DictWriter(written, COLUMNS)
        table.writeheader()
        table.writerows(self.listing() for _ in range(rows))
        return written.getvalue().encode()

    def bad(self) -> Ask:
        """One of the requests that clients get wrong: to be refused, and never with a 5xx."""
        listing = self.listing()
        wrong = [
            ("POST", "/v1/jobs", '{"input": ', (400, 422)),
            ("POST", "/v1/jobs", {"input": listing, "options": {"size": 7}}, (422,)),
            ("POST", "/v1/jobs", {"input": listing, "colour": "blue"}, (422,)),
            ("POST", "/v1/articles", listing | {"options": {"adapter": "no such"}}, (422,)),
            ("GET", f"/v1/jobs/{NOWHERE}", None, (404,)),
            ("GET", "/v1/jobs/1%20OR%201=1", None, (404, 422)),
            ("POST", f"/v1/jobs/{NOWHERE}/cancel", None, (404,)),
            ("DELETE", "/v1/jobs", None, (405,)),
        ]
        return Ask("bad request", *self._rng.choice(wrong))
