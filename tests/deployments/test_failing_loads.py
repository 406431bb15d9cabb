"""A model that does not load costs its neighbours little."""

import time

import pytest

from deployments import replica

REST_S = 0.2


def broken() -> str:
    raise FileNotFoundError("weights")


async def test_a_replica_whose_model_does_not_load_rests_before_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "REST_S", REST_S)
    began = time.monotonic()
    with pytest.raises(FileNotFoundError, match="weights"):
        await replica.loaded(broken)
    assert time.monotonic() - began >= REST_S


async def test_a_model_that_loads_is_not_waited_for() -> None:
    began = time.monotonic()
    assert await replica.loaded(lambda: "model") == "model"
    assert time.monotonic() - began < replica.REST_S / 2
