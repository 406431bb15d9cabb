"""Ray's ways of failing become ours, in one place."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from ray.exceptions import ActorDiedError, ActorUnavailableError, RayTaskError
from ray.serve.exceptions import BackPressureError

from serve_app import calls
from serve_app.calls import Line
from serve_app.errors import StageBrokenError, StageBusyError, StageLostError, StageTimeoutError


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_PAUSE_S", 0.001)


def failing(*errors: Exception) -> Callable[[], Awaitable[str]]:
    """Raises the errors one call after the other, then answers."""
    left = list(errors)

    async def call() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return call


def unavailable() -> ActorUnavailableError:
    return ActorUnavailableError("gone", None)


async def test_a_call_whose_replica_died_is_made_again() -> None:
    line = Line("renderer", tries=3, timeout_s=1)
    assert await line.ask(failing(ActorDiedError(), unavailable())) == "answer"


async def test_a_replica_that_keeps_dying_is_lost_after_the_last_try() -> None:
    with pytest.raises(StageLostError, match="renderer was lost 2 times"):
        await Line("renderer", tries=2, timeout_s=1).ask(failing(ActorDiedError(), ActorDiedError(), ActorDiedError()))


async def test_a_full_queue_says_when_to_come_back() -> None:
    with pytest.raises(StageBusyError) as caught:
        await Line("scorer", 3, 1).ask(failing(BackPressureError(9, 8, 429, 2.2)))
    assert caught.value.retry_after_s == 3


async def test_the_text_of_a_remote_error_stays_in_the_log() -> None:
    broken = RayTaskError("score", "Traceback (most recent call last): actor_id=secret", ValueError("x"))
    with pytest.raises(StageBrokenError) as caught:
        await Line("scorer", 3, 1).ask(failing(broken))
    assert "secret" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


async def test_a_stage_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(StageTimeoutError, match=r"did not answer within 0\.05 s"):
        await Line("renderer", 3, timeout_s=0.05).ask(lambda: asyncio.sleep(5))
