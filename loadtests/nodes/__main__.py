"""Nodes that die, and updates, under load: what callers notice, and whether a job is lost.

    python -m loadtests.nodes lose [--minutes 10] [--every 30]
    python -m loadtests.nodes update [--times 3]
    python -m loadtests.nodes fail --fault head|crashloop|slow|disk|store [--times 1]

Three nodes of one Ray cluster on this machine, a Postgres, models that only sleep (simulated). `lose` kills every
process of a node at once and starts another node; callers are the project's client with its two further tries.
`update` changes the config in place, then everything, with callers that try nothing again. `fail` is told in
`loadtests/nodes/failures.py`. Prints a table and, as the last line, one JSON document; exits with 1 when a claim does
not hold.
"""

import argparse
import asyncio
import json
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loadtests import postgres_server
from loadtests.chaos.ledger import Jobs, Ledger
from loadtests.nodes.callers import FAILED, Callers, Seen
from loadtests.nodes.cluster import Nodes, nodes
from loadtests.nodes.failures import fail
from loadtests.nodes.faults import FAULTS
from loadtests.place import place
from serve_app.access.keys import Keys
from serve_app.jobs.database import Database

CONFIG = Path(__file__).parent / "doubles.yaml"
WARM_S, COOL_S = 5.0, 5.0  # of load before the first blow and after the last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["lose", "update", "fail"])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two deaths")
    parser.add_argument("--times", type=int, help="of each kind of update (3), or of the fault (1)")
    parser.add_argument("--fault", choices=FAULTS, default="head")
    parser.add_argument("--callers", type=int, default=6)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # cluster and Postgres end with this process
    if args.what == "fail":
        sys.exit(fail(args.fault, args.times or 1, args.callers))
    with _service() as (running, ledger, keys):
        callers = Callers(running.base_url, keys, args.callers, retries=2 if args.what == "lose" else 0)
        callers.start()
        time.sleep(WARM_S)
        times = args.times or 3
        blows = _deaths(running, args.minutes, args.every) if args.what == "lose" else _updates(running, times)
        time.sleep(COOL_S)
        seen = callers.stop()
        jobs = ledger.jobs(seen.accepted)
    sys.exit(_told(args.what, blows, seen, jobs))


@contextmanager
def _service() -> Iterator[tuple[Nodes, Ledger, dict[str, str]]]:
    home = Path(tempfile.mkdtemp(prefix="vitrine-nodes-"))
    try:
        with postgres_server.running() as server:
            keys = asyncio.run(made_keys(server.url))
            with nodes(CONFIG, 3, home, server.url) as running:
                yield running, Ledger(server.admin("vitrine"), home / "objects"), keys
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def made_keys(url: str) -> dict[str, str]:
    """Tenant -> secret, of three tenants."""
    database = Database.open(url)
    made = {name: await Keys(database).create(name, "nodes", ["jobs:read", "jobs:write"]) for name in ("a", "b", "c")}
    await database.close()
    return {tenant: secret for tenant, (_, secret) in made.items()}


def _deaths(running: Nodes, minutes: float, every_s: float) -> list[dict[str, Any]]:
    blows, began = [], time.monotonic()
    while (now := time.monotonic()) - began < 60 * minutes:
        blows.append({"at_s": round(now - began, 1), "processes": running.lose_one()})
        print(f"{blows[-1]['at_s']:6.1f} s: a node with {blows[-1]['processes']} processes died", file=sys.stderr)
        time.sleep(max(0.0, every_s - (time.monotonic() - now)))
    return blows


def _updates(running: Nodes, times: int) -> list[dict[str, Any]]:
    blows = []
    for number in range(1, times + 1):
        for kind, change in (("config", _tuned(number)), ("rolling", _restarted(number))):
            began = time.monotonic()
            running.update(change)
            blows.append({"kind": kind, "seconds": round(time.monotonic() - began, 1)})
            print(f"{kind} update: {blows[-1]['seconds']} s", file=sys.stderr)
    return blows


def _tuned(number: int) -> Any:
    """Another delay of the renderer, by user_config: reloaded in place."""

    def change(application: dict[str, Any]) -> None:
        (renderer,) = (one for one in application["deployments"] if one["name"] == "renderer")
        renderer["user_config"] = renderer["user_config"] | {"delay_s": 0.4 + 0.01 * number}

    return change


def _restarted(number: int) -> Any:
    """Another value in `args`, which restarts every deployment."""

    def change(application: dict[str, Any]) -> None:
        application["args"] |= {"articles_at_once": 16 + number}

    return change


def _told(what: str, blows: list[dict[str, Any]], seen: Seen, jobs: Jobs) -> int:
    failed = sum(seen.failures.values())
    claims = {
        "client-visible failures at most .1 %" if what == "lose" else "0 failed requests": failed
        <= (FAILED * seen.calls if what == "lose" else 0),
        **jobs.claims(seen.unheard),
    }
    print(f"{len(blows)} times; {seen.calls} requests, {failed} failed: {dict(seen.failures) or 'none'}")
    print(jobs.said())
    for claim, holds in claims.items():
        print(f"{'holds' if holds else 'FAILS':<7}{claim}")
    document = {
        "benchmark": f"nodes {what}", "models": "simulated", "blows": blows, "requests": seen.calls,
        "failures": dict(seen.failures), **jobs.counted(),
        "median_s": round(statistics.median(seen.seconds), 2) if seen.seconds else None, "claims": claims,
    }  # fmt: skip
    print(json.dumps(document | place()))
    return 0 if all(claims.values()) else 1


if __name__ == "__main__":
    main()
