"""Where the service is, who calls, and how often: what both clients are made with."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from .errors import VitrineClientError
from .retries import Retries

__version__ = "0.1.0"
HERE = "http://127.0.0.1:8000"
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Connection:
    """`made` fills in `VITRINE_URL` and `VITRINE_API_KEY`."""

    base_url: str
    api_key: str | None
    timeout_s: float
    retries: Retries

    @classmethod
    def made(cls, base_url: str | None, api_key: str | None, timeout_s: float, retries: Retries) -> "Connection":
        """Raises VitrineClientError for what is no address of a service."""
        address = (base_url or os.environ.get("VITRINE_URL") or HERE).rstrip("/")
        try:
            whole = httpx.URL(address).scheme in ("http", "https") and bool(httpx.URL(address).host)
        except httpx.InvalidURL:
            whole = False
        if not whole:
            raise VitrineClientError(f"{address[:200]!r} is no address of a service; give one such as {HERE}")
        key = api_key or os.environ.get("VITRINE_API_KEY") or None
        if key is not None and not (key.isascii() and key.isprintable()):
            raise VitrineClientError("the API key holds characters that no key has; copy it again")
        return cls(address, key, timeout_s, retries)

    def arguments(self) -> dict[str, Any]:
        """What httpx's clients are made with."""
        headers = {"User-Agent": f"vitrine-client/{__version__}"}
        if self.api_key is not None:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return {"base_url": self.base_url, "headers": headers, "timeout": self.timeout_s}


def part_of(path: Path) -> Path:
    """The name under which a file is written until it is whole."""
    return path.with_name(f"{path.name}.part")
