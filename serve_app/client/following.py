"""The events of a job over however many connections: where to go on, and whether the end was seen."""

import json

import httpx
from httpx_sse import ServerSentEvent

from .answers import OVER, Event
from .call import Attempt, Call, Outcome, declined
from .errors import StrangeAnswerError
from .retries import Retries
from .routes import job_events

ENDED_EARLY = httpx.RemoteProtocolError("the stream ended before the job")


class Following:
    """`call` asks for what was not seen yet; `opened`, `took`, `after` hear what became of it."""

    def __init__(self, job: str, after: int | None, retries: Retries, base_url: str) -> None:
        self._job, self._seen, self._retries, self._base_url = job, after, retries, base_url
        self._attempt = self._begun()
        self.ended = False

    @property
    def call(self) -> Call[httpx.Response]:
        return job_events(self._job, self._seen)

    def opened(self, response: httpx.Response) -> None:
        """A stream that opens is a service that is there; raises StrangeAnswerError for another kind of answer."""
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            message = f"{response.url} gives no events; is this the address of Vitrine's service?"
            raise StrangeAnswerError(message, status=response.status_code, code="not_vitrine")
        self._attempt = self._begun()

    def took(self, sent: ServerSentEvent) -> Event:
        try:
            data = json.loads(sent.data)
        except ValueError:
            message = f"an event of {self._job} is no JSON; is {self._base_url} the address of Vitrine's service?"
            raise StrangeAnswerError(message, code="not_vitrine") from None
        # An event without an id carries that of the one before it.
        number = int(sent.id) if sent.id.isdigit() else None
        new = number is not None and number != self._seen
        if new:
            self._seen, self.ended = number, sent.event in OVER
        return Event(sent.event, data, number if new else None)

    def after(self, outcome: Outcome) -> float:
        """Seconds until the next connection; raises what ends the following."""
        # The service sends a comment every 15 s: who hears nothing for longer has lost the connection.
        silent = isinstance(outcome, httpx.ReadTimeout)
        settled = self._attempt.settled(httpx.ReadError("silence") if silent else outcome)
        if isinstance(settled, httpx.Response):
            raise declined(settled)
        return settled

    def _begun(self) -> Attempt[httpx.Response]:
        return Attempt(self.call, self._retries, self._base_url)
