"""One request of a user: due at a time, timed from then, told to Locust and to the journal."""

import json
import time
from collections.abc import Iterator
from typing import Any

from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment

from loadtests.marketplace.corpus import Ask
from loadtests.marketplace.journal import Journal, Outcome, Seen, outcome_of

OVER = ("succeeded", "failed", "canceled", "rejected", "awaiting_answer")
JSON = {"Content-Type": "application/json"}


class Caller:
    """A session with the service; `due` is time.perf_counter() when a request should have been sent."""

    def __init__(self, session: FastHttpSession, environment: Environment, journal: Journal, key: str | None) -> None:
        self._session, self._environment, self.journal = session, environment, journal
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def send(self, ask: Ask, due: float | None = None) -> Any:
        """The answer's JSON (or text) where it is one of those that were meant, else None."""
        due = time.perf_counter() if due is None else due
        data = json.dumps(ask.body) if isinstance(ask.body, dict) else ask.body
        headers = self._headers | (JSON if isinstance(data, str) else {}) | dict(ask.headers)
        with self._session.request(
            ask.method, ask.path, name=ask.kind, data=data, headers=headers, catch_response=True
        ) as answer:
            outcome, text = outcome_of(answer.status_code, ask.meant), answer.text or ""
            said = f"{ask.kind}: {answer.status_code} {text[:120]}" if outcome == "failed" else ""
            answer.request_meta["response_time"] = (time.perf_counter() - due) * 1000
            if outcome == "refused":
                answer.request_meta["name"] = f"{ask.kind}, refused"
            if outcome == "failed":
                answer.failure(said)
            else:
                answer.success()
        self._note(ask.kind, due, outcome, said)
        if outcome != "ok":
            return None
        return json.loads(text) if text[:1] in ("[", "{") else text

    def events(self, job: str) -> Iterator[str]:
        """The kinds of a job's events until the stream ends."""
        headers = self._headers | {"Accept-Encoding": "identity"}
        path = f"/v1/jobs/{job}/events"
        with self._session.request(
            "GET", path, name="events opened", headers=headers, stream=True, catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"events: {answer.status_code}")
                return
            answer.success()
            while line := answer.readline():
                if line.startswith(b"event:"):
                    yield line[6:].strip().decode()

    def whole(self, kind: str, due: float, outcome: Outcome, said: str = "") -> None:
        """What several requests were together, such as a job from its order to the end that its user saw."""
        fault = None if outcome == "ok" else RuntimeError(said)
        self._environment.events.request.fire(
            request_type="JOB", name=kind, response_time=(time.perf_counter() - due) * 1000, response_length=0,
            exception=fault, context={},
        )  # fmt: skip
        self._note(kind, due, outcome, said)

    def _note(self, kind: str, due: float, outcome: Outcome, said: str) -> None:
        seconds = time.perf_counter() - due
        self.journal.seen.append(Seen(time.time() - seconds, kind, seconds, outcome, said))
