"""What the deployments of the models run and whether they answer."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from serve_app.calls import Line
from serve_app.errors import StageError

FRESH_S = 5.0  # a reload through user_config is seen by the keys of articles after at most this long
ALIVE_S = 15.0  # a deployment that answered work this recently is not asked again: its queue may be long
PING_S = 10.0

log = logging.getLogger(__name__)

About = Callable[[], Awaitable[dict[str, Any]]]
Facts = dict[str, dict[str, Any]]


class Fleet:
    """Asks every deployment about itself through its line; `about` of a role gives its kind, pack, revision, digest.

    `adjust`: what is made of their answers, such as limits of a calibration in place of a pack's. `asleep`: roles that
    a question would wake; what they said before they fell asleep holds.
    """

    def __init__(
        self, asked: dict[str, tuple[Line, About]], adjust: Callable[[Facts], Facts] | None = None,
        asleep: Callable[[], Awaitable[frozenset[str]]] | None = None,
    ) -> None:  # fmt: skip
        self._asked, self._adjust, self._asleep = asked, adjust, asleep or _nobody
        self._said: Facts = {}
        self._known: Facts = {}
        self._known_at = 0.0
        self._renewal: asyncio.Task[None] | None = None

    async def about(self) -> dict[str, dict[str, Any]]:
        """role -> facts. The first call waits for the deployments, later ones are renewed in the background."""
        if self._renewal is None or (self._renewal.done() and time.monotonic() - self._known_at > FRESH_S):
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(_heard)
        # A client that leaves must not cancel what the others wait for.
        if not self._known:
            await asyncio.shield(self._renewal)
        return self._known

    async def silent(self) -> dict[str, str]:
        """role -> why it is not available; empty when all deployments answer or sleep."""
        quiet = [role for role, (line, _) in self._asked.items() if time.monotonic() - line.answered_at >= ALIVE_S]
        asleep = await self._asleep() if quiet else frozenset()
        roles = [role for role in quiet if role not in asleep]
        reasons = await asyncio.gather(*(self._silence(role) for role in roles))
        return {role: reason for role, reason in zip(roles, reasons, strict=True) if reason is not None}

    async def _renew(self) -> None:
        quiet = await self._asleep() & self._said.keys()
        awake = {role: asked for role, asked in self._asked.items() if role not in quiet}
        facts = await asyncio.gather(*(line.ask(about) for line, about in awake.values()))
        self._said = self._said | dict(zip(awake, facts, strict=True))
        self._known = self._said if self._adjust is None else self._adjust(self._said)
        self._known_at = time.monotonic()

    async def _silence(self, role: str) -> str | None:
        line, about = self._asked[role]
        try:
            await line.ask(about, timeout_s=PING_S)
        except StageError as error:
            return str(error)
        return None


async def _nobody() -> frozenset[str]:
    return frozenset()


def _heard(renewal: asyncio.Task[None]) -> None:
    """A renewal that fails behind known facts is tried again later; it is not an unheard exception."""
    if not renewal.cancelled() and renewal.exception() is not None:
        log.warning("a deployment did not say what it runs: %s", renewal.exception())
