"""Deployments that have gone to zero are not woken by questions about themselves."""

import asyncio
from collections import Counter
from typing import Any

from serve_app import fleet
from serve_app.calls import Line
from serve_app.fleet import Fleet

ROLES = ("renderer", "retoucher")


def asked(calls: Counter[str]) -> dict[str, Any]:
    async def about(role: str) -> dict[str, Any]:
        calls[role] += 1
        return {"role": role, "digest": f"{role} {calls[role]}"}

    return {role: (Line(role, 1, 5.0), lambda role=role: about(role)) for role in ROLES}


async def test_what_a_role_said_before_it_fell_asleep_holds_and_others_are_asked_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(fleet, "FRESH_S", 0.0)
    calls, sleeping = Counter[str](), set[str]()

    async def asleep() -> frozenset[str]:
        return frozenset(sleeping)

    models = Fleet(asked(calls), asleep=asleep)
    await models.about()
    sleeping.add("retoucher")
    await models.about()
    await asyncio.sleep(0.01)  # the renewal runs behind the answer
    known = await models.about()
    assert known == {
        "renderer": {"role": "renderer", "digest": "renderer 2"},
        "retoucher": {"role": "retoucher", "digest": "retoucher 1"},
    }


async def test_a_role_that_was_never_heard_is_asked_even_if_that_wakes_it() -> None:
    calls = Counter[str]()

    async def asleep() -> frozenset[str]:
        return frozenset(ROLES)

    assert set(await Fleet(asked(calls), asleep=asleep).about()) == set(ROLES)
    assert calls == {"renderer": 1, "retoucher": 1}


async def test_a_sleeping_role_is_not_silent() -> None:
    async def lost() -> dict[str, Any]:
        raise AssertionError("asked")

    async def asleep() -> frozenset[str]:
        return frozenset({"retoucher"})

    assert await Fleet({"retoucher": (Line("retoucher", 1, 5.0), lost)}, asleep=asleep).silent() == {}
