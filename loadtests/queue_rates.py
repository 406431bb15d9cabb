"""How many jobs a second the queue hands out and ends, durably, with eight workers in processes of their own.

`python -m loadtests.queue_rates` on SQLite, `--postgres` on a server of its own too. The yardstick is what the same
disk commits in the same run: plain one-row transactions on the same database, as durable, of one process or of eight,
whichever are more. A job costs two transactions, the claim and the end, so half of that is what a queue could reach
that does nothing else.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import text

from loadtests.place import place
from loadtests.postgres_server import binaries, running
from serve_app.conductor.worker import Slots, Worker
from serve_app.jobs.database import EVERYONE, Database, sqlite_url
from serve_app.jobs.job import Ended, Ending, Job, Order
from serve_app.jobs.queue import Queue

RAW_S = 5.0
READY_S = 120.0  # eight processes that import at once on two cores
SLOTS = 16  # jobs that a worker has at once
Mode = Literal["raw", "one_by_one", "conductor"]
INPUT = {"name": "Herren-Hemd", "description": "Freizeithemd, langarm", "model_descr": "rot kariert"}


async def raw_commits(database: Database) -> list[str]:
    """Durable one-row transactions for `RAW_S`, a line for each."""
    until, done = time.perf_counter() + RAW_S, 0
    while time.perf_counter() < until:
        async with database.writing(EVERYONE) as connection:
            await connection.execute(text("INSERT INTO raw VALUES (1.0)"))
        done += 1
    return [f"{os.getpid()}-{number}" for number in range(done)]


async def filled(url: str, jobs: int) -> None:
    database = Database.open(url)
    queue = Queue(database)
    for start in range(0, jobs, 500):
        await queue.submit([Order(f"t{start % 3}", "article", INPUT) for _ in range(min(500, jobs - start))])
    async with database.writing(EVERYONE) as connection:
        await connection.execute(text("CREATE TABLE raw (at FLOAT)"))
    await database.close()


async def one_by_one(queue: Queue, owner: str) -> list[str]:
    """Claims a job and ends it, each in a transaction of its own."""
    mine = []
    while claimed := await queue.claim(owner, 1):
        assert await queue.finish(owner, [Ending(claimed[0], Ended("succeeded", {"records": []}))])
        mine.append(claimed[0].id)
    return mine


async def conducted(queue: Queue, owner: str, database: Database) -> list[str]:
    """The conductor's own worker over stories that end at once."""
    mine: list[str] = []

    async def perform(job: Job, _: Any) -> Ended:
        mine.append(job.id)
        return Ended("succeeded", {"records": []})

    worker = Worker(database, queue, perform, owner, Slots(SLOTS, SLOTS))
    running = asyncio.create_task(worker.run())
    while await queue.waiting():
        await asyncio.sleep(0.02)
    await worker.drain(within_s=60.0)
    running.cancel()
    await asyncio.wait({running})
    return mine


def worked(mode: Mode, number: int, url: str, begin: Any) -> tuple[float, list[str]]:
    """One worker process: when it had nothing left to do, and the jobs that it ended."""

    async def work() -> tuple[float, list[str]]:
        database, owner = Database.open(url, connections=4), f"w{number}"
        queue = Queue(database)
        await asyncio.to_thread(begin.wait, READY_S)
        if mode == "raw":
            mine = await raw_commits(database)
        else:
            mine = await (one_by_one(queue, owner) if mode == "one_by_one" else conducted(queue, owner, database))
        over = time.time()
        await database.close()
        return over, mine

    return asyncio.run(work())


def rate(mode: Mode, url: str, jobs: int, workers: int) -> dict[str, Any]:
    """Jobs per second over all workers, and how many were done twice or never."""
    asyncio.run(filled(url, jobs))
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(workers, context) as pool:
        begin = manager.Barrier(workers + 1)
        working = [pool.submit(worked, mode, number, url, begin) for number in range(workers)]
        begin.wait(READY_S)
        began = time.time()
        ended = [worker.result() for worker in working]
    done = Counter(job for _, mine in ended for job in mine)
    seconds = max(over for over, _ in ended) - began
    return {
        "per_s": len(done) / seconds,
        "twice": sum(times > 1 for times in done.values()),
        "never": 0 if mode == "raw" else jobs - len(done),
    }


def measured(url: Callable[[], str], rounds: int, jobs: int, workers: int) -> dict[str, Any]:
    """Interleaved rounds: raw commits, then jobs one by one, then as the conductor takes them."""
    found: dict[Mode, list[dict[str, Any]]] = {"raw": [], "one_by_one": [], "conductor": []}
    for _ in range(rounds):
        for mode, rates in found.items():
            best = max((rate(mode, url(), jobs, count) for count in _at_once(mode, workers)), key=_per_s)
            rates.append(best)
    half = statistics.median(each["per_s"] for each in found["raw"]) / 2
    result: dict[str, Any] = {}
    for mode, rates in found.items():
        per_s = [each["per_s"] for each in rates]
        result[f"{mode}_per_s"] = round(statistics.median(per_s), 1)
        result[f"{mode}_range"] = [round(min(per_s), 1), round(max(per_s), 1)]
        result[f"{mode}_of_half_raw"] = round(statistics.median(per_s) / half, 2)
        result[f"{mode}_twice_or_never"] = sum(each["twice"] + each["never"] for each in rates)
    return result


def _at_once(mode: Mode, workers: int) -> tuple[int, ...]:
    return (1, workers) if mode == "raw" else (workers,)


def _per_s(found: dict[str, Any]) -> float:
    return float(found["per_s"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=3000, help="per round")
    parser.add_argument("--workers", type=int, default=8)
    args = parser.parse_args()
    fill = (args.rounds, args.jobs, args.workers)
    if args.postgres:
        if binaries() is None:
            parser.error("no Postgres on this machine; on Debian: apt-get install postgresql")
        with running() as server:
            result = measured(server.fresh, *fill)
    else:
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            places = (Path(folder) / str(number) for number in range(10_000))
            result = measured(lambda: sqlite_url(next(places)), *fill)
    for name, value in result.items():
        print(f"{name:<28}{value!s:>24}")
    print(json.dumps(result | {"database": "postgres" if args.postgres else "sqlite", **vars(args), **place()}))


if __name__ == "__main__":
    main()
