"""Goodput counts what was wanted, answered, and answered in time; nothing flatters it."""

import asyncio
import time

import pytest

from loadtests.goodput import Seen, offered, saturation, scored, spread, unloaded
from loadtests.traffic import Request
from serve_app.capacity.twin import quantile


def request(due_s: float = 0.0, kind: str = "draft") -> Request:
    return Request(due_s, kind, {})


def test_late_refused_and_failed_requests_stay_in_the_denominator() -> None:
    seen = [
        Seen("draft", 0.5, "ok"),
        Seen("draft", 2.5, "ok"),
        Seen("draft", 0.1, "refused"),
        Seen("final", 0.1, "failed: 500"),
        Seen("final", 0.1, "left"),
    ]
    found = scored(seen, {"draft": 1.0, "final": 3.0}, seconds=2.0)
    assert (found["offered"], found["left"], found["good"]) == (4, 1, 1)
    assert (found["good_share"], found["goodput_per_s"]) == (0.25, 0.5)
    assert found["outcomes"] == {"ok": 2, "refused": 1, "failed: 500": 1}
    assert (found["draft_p50_s"], found["draft_p95_s"], found["final_p50_s"]) == (0.5, 2.5, None)


async def test_a_latency_counts_from_the_moment_at_which_the_request_was_due() -> None:
    async def busy(_: Request) -> str:
        time.sleep(0.1)  # the sender itself is held up: the second one leaves late
        return "ok"

    seen = await offered([request(0.0), request(0.01)], busy)
    assert max(one.seconds for one in seen) >= 0.19, seen


async def test_requests_are_sent_when_they_are_due_whatever_became_of_the_others() -> None:
    sent: list[float] = []
    began = time.perf_counter()

    async def slow(_: Request) -> str:
        sent.append(time.perf_counter() - began)
        await asyncio.sleep(0.5)
        return "ok"

    await offered([request(0.05 * number) for number in range(4)], slow)
    assert max(sent) < 0.4, sent


async def test_a_request_that_raises_failed() -> None:
    async def broken(_: Request) -> str:
        raise ConnectionError("gone")

    (seen,) = await offered([request()], broken)
    assert seen.outcome == "failed: ConnectionError"


async def test_saturation_is_what_a_bounded_system_answers() -> None:
    one = asyncio.Lock()

    async def serial(_: Request) -> str:
        async with one:
            await asyncio.sleep(0.02)
        return "ok"

    found = await saturation([request()] * 1000, serial, clients=8, seconds=0.6)
    assert 15 < found <= 50, found


async def test_only_answers_make_saturation() -> None:
    async def refusing(_: Request) -> str:
        await asyncio.sleep(0.001)
        return "refused"

    assert await saturation([request()] * 50, refusing, clients=2, seconds=0.1) == 0.0


async def test_a_limit_is_not_made_of_failures() -> None:
    async def broken(_: Request) -> str:
        return "failed: 500"

    with pytest.raises(SystemExit, match="failed: 500"):
        await unloaded([request()], broken)


def test_quantiles_are_answers_that_were_seen() -> None:
    assert [quantile([1.0, 2.0, 3.0, 4.0], share) for share in (0.5, 0.95)] == [2.0, 4.0]
    assert quantile([], 0.5) is None
    assert spread([3.0, None, 1.0]) == {"median": 2.0, "min": 1.0, "max": 3.0}
