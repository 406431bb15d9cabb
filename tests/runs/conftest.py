"""A sheet and a service."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from calling import write_sheet
from local_service import Service, serving


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return write_sheet(tmp_path / "sheet.csv", ["Hemd", "Bluse", "Rock?", "Hemd", "Hose"])
