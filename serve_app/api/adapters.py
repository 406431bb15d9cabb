"""Whether the adapters that an order names are there, and its answers understood, said before it is accepted."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from models.domain import Refusal
from serve_app.api.errors import ProblemError
from serve_app.catalogue import answers
from serve_app.errors import StageError
from serve_app.stories.house import House

FRESH_S = 5.0  # as long as the conductor keeps what it knows of the deployments
ASK_S = 0.1  # half of what a POST may take; the job itself says it too, when it runs

log = logging.getLogger(__name__)


class KnownAdapters:
    """Asks the deployments at most every `FRESH_S` seconds, and only for orders that name adapters."""

    def __init__(self, about: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._about = about
        self._house: House | None = None
        self._known_at = 0.0

    async def check(self, text: str | None) -> None:
        """Raises ProblemError (422) that lists what there is; passes what cannot be known yet."""
        if text is None or (house := await self._asked()) is None:
            return
        if isinstance(refused := house.chosen(text), Refusal):
            raise ProblemError("invalid_request", refused.reason, refused.code, "options.adapter")

    async def check_answers(self, given: Mapping[str, str]) -> None:
        """Raises ProblemError (422) for what the lexicon of the models' language does not hold; passes what cannot be
        known yet."""
        if (house := await self._asked()) is None:
            return
        if isinstance(refused := answers.understood(given, house.language), Refusal):
            raise ProblemError("invalid_request", refused.reason, refused.code, "answers")

    async def _asked(self) -> House | None:
        if self._house is None or time.monotonic() - self._known_at > FRESH_S:
            try:
                async with asyncio.timeout(ASK_S):
                    self._house, self._known_at = House.of(await self._about()), time.monotonic()
            except (StageError, TimeoutError) as error:
                log.info("what the models bring is not known yet: %s", error)
        return self._house
