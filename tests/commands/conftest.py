"""A service over doubles on a socket, and the command that calls it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from called import Command
from over_http import over_http


@pytest.fixture
def service(tmp_path: Path) -> Iterator[str]:
    with over_http(tmp_path / "service") as url:
        yield url


@pytest.fixture
def vitrine(capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    return Command(capfdbinary)
