"""While Ray's head is away nobody says how many replicas run, and whoever asks is not kept."""

import asyncio
import threading

import pytest

from serve_app import ingress
from serve_app.ingress import ConductorCalls
from serve_app.operations import Replicas

STANDING = {"renderer": Replicas(running=2, target=2)}


async def test_who_asks_for_replicas_while_the_head_is_away_hears_of_none_and_holds_one_thread_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    back, asked = threading.Event(), list[int]()

    def standing() -> dict[str, Replicas]:
        asked.append(1)
        back.wait(10.0)
        return STANDING

    monkeypatch.setattr(ingress, "_replicas", standing)
    monkeypatch.setattr(ingress, "STANDING_S", 0.05)
    calls = ConductorCalls(handle=None)  # type: ignore[arg-type]  # no conductor is asked
    assert await asyncio.gather(*(calls.replicas() for _ in range(5))) == [{}] * 5
    assert await calls.replicas() == {}
    back.set()
    monkeypatch.setattr(ingress, "STANDING_S", 5.0)
    assert await calls.replicas() == STANDING
    assert len(asked) == 1
