"""What somebody hears who asks all the time and tries nothing again, one thread per question."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

PAUSE_S = 1.0  # between two questions of a kind
LONGEST_S = 60.0  # for an answer; whoever waits longer has none
ROW = "name,description,model_name,model_descr\nHerren-Hemd,Freizeithemd Nummer {},,rot kariert\n"
NO_ANSWER = 0  # in place of a status


@dataclass(frozen=True, slots=True)
class Look:
    """An answer: `at` in seconds since 1970 when it was asked for, `again` whether it says when to come back."""

    what: str
    at: float
    seconds: float
    status: int
    again: bool


class Probes:
    """/healthz, /v1/operations, a picture, and an upload of one row (which becomes a job), until `stop`."""

    def __init__(self, base_url: str, admin: str, owner: str, picture: str) -> None:
        """`admin`, `owner`: keys; `picture`: SHA-256 of one that the owner has."""
        self._looks: list[Look] = []
        self._stopping = threading.Event()
        self._http = httpx.Client(base_url=base_url, timeout=LONGEST_S, trust_env=False)
        mine, all_of = ({"Authorization": f"Bearer {key}"} for key in (owner, admin))
        questions: dict[str, Callable[[], httpx.Response]] = {
            "healthz": lambda: self._http.get("/healthz"),
            "operations": lambda: self._http.get("/v1/operations", headers=all_of),
            "picture": lambda: self._http.get(f"/v1/pictures/{picture}.png", headers=mine),
            "upload": lambda: self._http.post("/v1/batches", headers=all_of, **_row()),
        }
        self._threads = [threading.Thread(target=self._ask, args=each, daemon=True) for each in questions.items()]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> Sequence[Look]:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._http.close()
        return self._looks

    def _ask(self, what: str, question: Callable[[], httpx.Response]) -> None:
        while not self._stopping.is_set():
            at, began = time.time(), time.monotonic()
            try:
                answer = question()
                status, again = answer.status_code, "Retry-After" in answer.headers
            except httpx.TransportError:
                status, again = NO_ANSWER, False
            self._looks.append(Look(what, at, time.monotonic() - began, status, again))
            self._stopping.wait(PAUSE_S)


def _row() -> dict[str, Any]:
    """A sheet that nobody has sent before."""
    return {"files": {"file": ("row.csv", ROW.format(time.time_ns()))}, "data": {"options": "{}"}}
