"""What the ingress makes of a conductor that fails under a waiting client."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ray.exceptions import ActorDiedError, RayTaskError
from sqlalchemy.exc import OperationalError

from models.domain import Picture, Refusal
from serve_app.ingress import ConductorCalls

AWAY = OperationalError("SELECT", {}, ConnectionRefusedError("no server there"))


def failing(error: Exception) -> Any:
    """A handle whose every `ended` and `enlarge` fails so."""

    async def remote(*_: Any) -> None:
        raise error

    return SimpleNamespace(ended=SimpleNamespace(remote=remote), enlarge=SimpleNamespace(remote=remote))


@pytest.mark.parametrize(
    "error",
    [ActorDiedError(), RayTaskError("ended", "", AWAY), RayTaskError("ended", "", AWAY).as_instanceof_cause()],
    ids=["died", "database away", "database away, as its cause"],
)
async def test_a_client_goes_on_watching_the_row_when_the_conductor_fails(error: Exception) -> None:
    assert await ConductorCalls(failing(error)).ended("shop", "job_1") is None


async def test_a_picture_is_not_enlarged_when_the_conductor_fails() -> None:
    answer = await ConductorCalls(failing(ActorDiedError())).enlarge(Picture(np.zeros((8, 8, 3), np.uint8)))
    assert isinstance(answer, Refusal)
    assert answer.code == "stage_lost"
