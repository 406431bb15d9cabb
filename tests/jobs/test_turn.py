"""The line of writers of an embedded database."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serve_app.jobs.turn import Here, Turn

ROOT = Path(__file__).parents[2]
GREEDY = """
import asyncio, sys, time
from pathlib import Path
from serve_app.jobs.turn import Turn

async def main() -> None:
    turn = Turn(Path(sys.argv[1]))
    print("writes", flush=True)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        async with turn.mine():
            await asyncio.sleep(0.005)

asyncio.run(main())
"""


async def test_one_at_a_time_and_in_order(tmp_path: Path) -> None:
    turn, order = Turn(tmp_path / "a.turn"), []

    async def write(number: int) -> None:
        async with turn.mine():
            order.append(("in", number))
            await asyncio.sleep(0.001)
            order.append(("out", number))

    await asyncio.gather(*(write(number) for number in range(20)))
    assert order == [(what, number) for number in range(20) for what in ("in", "out")]
    await turn.close()


async def test_a_process_that_writes_all_the_time_lets_others_in_between(tmp_path: Path) -> None:
    file = tmp_path / "a.turn"
    with subprocess.Popen([sys.executable, "-c", GREEDY, str(file)], stdout=subprocess.PIPE, cwd=ROOT) as greedy:
        assert greedy.stdout is not None
        greedy.stdout.readline()
        turn, waits = Turn(file), []
        for _ in range(30):
            began = time.monotonic()
            async with turn.mine():
                waits.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
        greedy.kill()
    await turn.close()
    assert sorted(waits)[15] < 0.1, f"the middle of thirty waits took {sorted(waits)[15]:.3f} s"


async def test_who_is_cancelled_in_the_line_keeps_nobody_out(tmp_path: Path) -> None:
    first, second = Turn(tmp_path / "a.turn"), Turn(tmp_path / "a.turn")
    async with first.mine():
        waiting = asyncio.create_task(second.mine().__aenter__())
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.sleep(0.05)
    async with asyncio.timeout(2.0):
        await asyncio.wait({waiting})
        async with second.mine():
            pass
        async with first.mine():
            pass
    assert waiting.cancelled()
    await first.close()
    await second.close()


async def test_closing_waits_for_the_writer_and_those_behind_it_fail(tmp_path: Path) -> None:
    turn, told = Turn(tmp_path / "a.turn"), []

    async def write() -> None:
        async with turn.mine():
            await asyncio.sleep(0.05)
            told.append("written")

    writer = asyncio.create_task(write())
    await asyncio.sleep(0.01)
    await turn.close()
    assert told == ["written"]
    await writer
    with pytest.raises(ValueError, match="closed file"):
        await asyncio.wait_for(write(), 5)


async def test_who_is_urgent_goes_before_the_others(tmp_path: Path) -> None:
    turn, order = Turn(tmp_path / "a.turn"), []

    async def write(name: str, urgent: bool) -> None:
        async with turn.mine(urgent):
            order.append(name)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(write(name, name == "urgent") for name in ("first", "second", "third", "urgent")))
    assert order == ["first", "urgent", "second", "third"]
    await turn.close()


async def test_who_leaves_the_line_hands_on_what_it_was_given() -> None:
    lock, order = Here(), []

    async def hold(name: str) -> None:
        await lock.acquire()
        order.append(name)

    await lock.acquire()
    gone, called, last = (asyncio.create_task(hold(name)) for name in ("gone", "called", "last"))
    await asyncio.sleep(0)
    gone.cancel()
    lock.release()  # calls the second in the line, which leaves in the same moment
    called.cancel()
    await asyncio.wait_for(last, 1)
    assert order == ["last"]
