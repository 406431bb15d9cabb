"""Both clients under one way to call them, over a service that answers from a script."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import httpx

from serve_app.client import AsyncVitrine, Vitrine

Scripted = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Either:
    """`asked` holds the requests; `give` the answers, of which the last one is given for ever."""

    awaited: bool
    script: list[Scripted] = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)

    def give(self, *answers: Scripted) -> None:
        self.script = list(answers)

    def __call__(self, method: str, *arguments: Any, client: dict[str, Any] | None = None, **named: Any) -> Any:
        """What `method` of a client gives, lists for iterators."""
        settings = {"base_url": "http://vitrine", "transport": httpx.MockTransport(self._answer), **(client or {})}
        if self.awaited:
            return asyncio.run(_awaited(settings, method, arguments, named))
        with Vitrine(**settings) as blocking:
            found = attrgetter(method)(blocking)(*arguments, **named)
            return list(found) if isinstance(found, Iterator) else found

    def _answer(self, request: httpx.Request) -> httpx.Response:
        found = self.script[min(len(self.asked), len(self.script) - 1)]
        self.asked.append(request)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, httpx.Response):
            return httpx.Response(found.status_code, headers=found.headers, content=found.content)
        return found(request)


async def _awaited(settings: dict[str, Any], method: str, arguments: Any, named: dict[str, Any]) -> Any:
    async with AsyncVitrine(**settings) as client:
        found = attrgetter(method)(client)(*arguments, **named)
        if isinstance(found, AsyncIterator):
            return [item async for item in found]
        return await found
