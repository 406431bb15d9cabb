"""Both clients, without their pauses."""

import pytest
from either import Either


@pytest.fixture(params=["blocking", "awaited"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Either:
    for name in ("FIRST_PAUSE_S", "LONGEST_PAUSE_S", "LOOK_S"):
        monkeypatch.setattr(f"serve_app.client.retries.{name}", 0.0001)
    return Either(request.param == "awaited")
