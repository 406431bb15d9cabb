"""What the ingress makes of a conductor that fails under a waiting client."""

from types import SimpleNamespace
from typing import Any

import pytest
from ray.exceptions import ActorDiedError, RayTaskError
from sqlalchemy.exc import OperationalError

from serve_app.ingress import ConductorCalls

AWAY = OperationalError("SELECT", {}, ConnectionRefusedError("no server there"))


def failing(error: Exception) -> Any:
    """A handle whose every `ended` fails so."""

    async def remote(*_: Any) -> None:
        raise error

    return SimpleNamespace(ended=SimpleNamespace(remote=remote))


@pytest.mark.parametrize(
    "error",
    [ActorDiedError(), RayTaskError("ended", "", AWAY), RayTaskError("ended", "", AWAY).as_instanceof_cause()],
    ids=["died", "database away", "database away, as its cause"],
)
async def test_a_client_goes_on_watching_the_row_when_the_conductor_fails(error: Exception) -> None:
    assert await ConductorCalls(failing(error)).ended("shop", "job_1") is None
