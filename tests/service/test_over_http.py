"""The service that other tests call over a socket: a fault of its start is theirs to see, at once."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from over_http import over_http

from serve_app.api.service import Service


def test_a_service_that_does_not_start_says_why(tmp_path: Path) -> None:
    async def broken(_: Service) -> FastAPI:
        raise LookupError("no app today")

    with pytest.raises(LookupError, match="no app today"), over_http(tmp_path, app=broken):
        pytest.fail("it started")
