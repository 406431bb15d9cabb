"""While Ray's head is away nobody says how many replicas run, and whoever asks is not kept."""

import asyncio
import threading

import pytest

from serve_app import standing
from serve_app.operations import Replicas
from serve_app.standing import Standing

FOUND = {"renderer": Replicas(running=2, target=2)}


async def test_who_asks_for_replicas_while_the_head_is_away_hears_of_none_and_holds_one_thread_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    back, asked = threading.Event(), list[int]()

    def found() -> dict[str, Replicas]:
        asked.append(1)
        back.wait(10.0)
        return FOUND

    monkeypatch.setattr(standing, "_replicas", found)
    monkeypatch.setattr(standing, "ANSWER_S", 0.05)
    deployed = Standing()
    assert await asyncio.gather(*(deployed.replicas() for _ in range(5))) == [{}] * 5
    monkeypatch.setattr(standing, "ANSWER_S", 5.0)
    async with asyncio.timeout(1.0):
        assert await deployed.replicas() == {}, "who comes later waits for nothing"
    assert len(asked) == 1
    back.set()
    await asyncio.sleep(0.2)
    assert await deployed.replicas() == FOUND


async def test_a_controller_that_is_late_is_believed_for_as_long_as_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = threading.Event()
    slow.set()

    def found() -> dict[str, Replicas]:
        slow.wait(10.0)
        return FOUND

    monkeypatch.setattr(standing, "_replicas", found)
    monkeypatch.setattr(standing, "ANSWER_S", 0.05)
    monkeypatch.setattr(standing, "KEPT_S", 0.5)
    deployed = Standing()
    assert await deployed.replicas() == FOUND
    slow.clear()
    assert await deployed.replicas() == FOUND
    await asyncio.sleep(0.5)
    assert await deployed.replicas() == {}
    slow.set()
