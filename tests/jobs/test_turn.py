"""The line of writers of an embedded database."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serve_app.jobs.turn import Turn

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
        async with turn:
            await asyncio.sleep(0.005)

asyncio.run(main())
"""


async def test_one_at_a_time_and_in_order(tmp_path: Path) -> None:
    turn, order = Turn(tmp_path / "a.turn"), []

    async def write(number: int) -> None:
        async with turn:
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
            async with turn:
                waits.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
        greedy.kill()
    await turn.close()
    assert sorted(waits)[15] < 0.1, f"the middle of thirty waits took {sorted(waits)[15]:.3f} s"


async def test_who_is_cancelled_in_the_line_keeps_nobody_out(tmp_path: Path) -> None:
    first, second = Turn(tmp_path / "a.turn"), Turn(tmp_path / "a.turn")
    async with first:
        waiting = asyncio.create_task(second.__aenter__())
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.sleep(0.05)
    async with asyncio.timeout(2.0):
        await asyncio.wait({waiting})
        async with second, asyncio.timeout(1.0):
            pass
        async with first:
            pass
    assert waiting.cancelled()
    await first.close()
    await second.close()


async def test_closing_waits_for_the_writer_and_those_behind_it_fail(tmp_path: Path) -> None:
    turn, told = Turn(tmp_path / "a.turn"), []

    async def write() -> None:
        async with turn:
            await asyncio.sleep(0.05)
            told.append("written")

    writer = asyncio.create_task(write())
    await asyncio.sleep(0.01)
    await turn.close()
    assert told == ["written"]
    await writer
    with pytest.raises(ValueError, match="closed file"):
        await asyncio.wait_for(write(), 5)
