"""A fault of the cluster under load: what callers notice, whether a job is lost, and when all is whole again.

First the same load without the fault, for what is usual, once all is warm. Then, every time: load, the blows, and the
time from the fault's end until every replica runs, /healthz answers 200 and a new order has ended. Each stretch of load
is a tenant of its own, so that no text is known from before.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
import yaml

from loadtests import postgres_server
from loadtests.chaos.faults import CampaignError
from loadtests.chaos.ledger import Ledger
from loadtests.chaos.load import Accepted
from loadtests.nodes.callers import Callers, Seen
from loadtests.nodes.cluster import Nodes, nodes
from loadtests.nodes.faults import FAULTS, Fault
from loadtests.nodes.outcome import Outcome, Round, Stretch
from loadtests.nodes.probes import Probes
from loadtests.nodes.watch import Watch
from loadtests.place import place
from serve_app.access.keys import Keys
from serve_app.embedded import environment
from serve_app.jobs.database import Database

CONFIG = Path(__file__).parent / "doubles.yaml"
CALM_S = 30.0  # of load without a fault: some forty jobs
WARM_S, COOL_S = 5.0, 5.0  # of load before the first blow and after all is whole
FED_S = 120.0  # within which rows that were accepted have become jobs that are over
COLD_S = 10.0  # of load before the calm: first calls of every replica by every other
# Tenants: of the load before, of the load without a fault, of the probes' uploads and whoever looks on.
COLD, CALM, FEEDS = "cold", "calm", "feeds"


def fail(name: str, times: int, count: int) -> int:
    """Strikes so many times under so many callers and tells what came of it; the exit code."""
    outcome = struck(name, times, count)
    outcome.show()
    print(json.dumps(outcome.document() | place()))
    return 0 if all(outcome.claims.values()) else 1


def struck(name: str, times: int, count: int, calm_s: float = CALM_S) -> Outcome:
    """Takes minutes; raises CampaignError when the service is not whole again."""
    home = Path(tempfile.mkdtemp(prefix="vitrine-fail-", dir="/tmp"))
    try:
        with postgres_server.running() as server, FAULTS[name](home) as fault, environment(dict(fault.environment)):
            admin, tenants = server.admin("vitrine"), [f"round-{number}" for number in range(1, times + 1)]
            keys = asyncio.run(_keys(server.url, [COLD, CALM, *tenants]))
            with nodes(_config(home, fault), 3, home, server.url) as running:
                cold, _ = _loaded(Callers(running.base_url, {COLD: keys[COLD]}, count), COLD_S)
                calm, before = _loaded(Callers(running.base_url, {CALM: keys[CALM]}, count), calm_s)
                known = next(job for job in calm.accepted if job.pictures)
                watch, rounds = Watch(running.base_url, keys[FEEDS], _wanted()), []
                for tenant in tenants:
                    load = Callers(running.base_url, {tenant: keys[tenant]}, count)
                    probes = Probes(running.base_url, keys[FEEDS], keys[CALM], known.pictures[0])
                    rounds.append(_round(running, fault, load, probes, watch))
                accepted = [job for seen in (cold, calm, *(each.seen for each in rounds)) for job in seen.accepted]
                accepted += _fed(admin)
            jobs = Ledger(admin, fault.pictures(home)).jobs(accepted)
            rates = [_rate(admin, before), *(_rate(admin, blow) for each in rounds for blow in each.blows)]
            return Outcome(name, fault, calm, rounds, rates, jobs)
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _keys(url: str, tenants: Sequence[str]) -> dict[str, str]:
    """Tenant -> secret; that of the feeds may see everything."""
    database, made = Database.open(url), {}
    for tenant in (*tenants, FEEDS):
        scopes = ["admin"] if tenant == FEEDS else ["jobs:read", "jobs:write"]
        _, made[tenant] = await Keys(database).create(tenant, "failures", scopes)
    await database.close()
    return made


def _config(home: Path, fault: Fault) -> Path:
    document = yaml.safe_load(CONFIG.read_text("utf-8"))
    fault.change(document["applications"][0])
    if fault.everywhere:
        document["proxy_location"] = "EveryNode"
    written = home / "serve.yaml"
    written.write_text(yaml.safe_dump(document), "utf-8")
    return written


def _loaded(load: Callers, seconds: float) -> tuple[Seen, Stretch]:
    since = time.time()
    load.start()
    time.sleep(seconds)
    until = time.time()
    return load.stop(), (since, until)


def _round(running: Nodes, fault: Fault, load: Callers, probes: Probes, watch: Watch) -> Round:
    load.start()
    probes.start()
    time.sleep(WARM_S)
    blows, said = [], []
    for strike in fault.blows:
        since = time.time()
        strike(running)
        time.sleep(fault.lasts_s)
        blows.append((since, time.time()))
        said.append(watch.missing())
        _progress(f"blow {len(said)} of {len(fault.blows)}; the service misses {said[-1] or 'nothing'}")
    began = time.monotonic()
    fault.mend(running)
    watch.whole()
    whole_s = time.monotonic() - began
    _progress(f"whole {whole_s:.1f} s after the end")
    time.sleep(COOL_S)
    return Round(blows, whole_s, load.stop(), probes.stop(), said)


def _wanted() -> dict[str, int]:
    """Role -> replicas of the config."""
    (application,) = yaml.safe_load(CONFIG.read_text("utf-8"))["applications"]
    return {found["name"]: found.get("num_replicas", 1) for found in application["deployments"]}


def _fed(admin: str) -> list[Accepted]:
    """The jobs of all rows that were uploaded, once they are over, and the orders of whoever looked on."""
    until = time.monotonic() + FED_S
    with psycopg.connect(admin, autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM batches WHERE finished IS NULL").fetchone():
            if time.monotonic() > until:
                raise CampaignError(f"feeds were not over within {FED_S:g} s")
            time.sleep(0.5)
        jobs = connection.execute("SELECT id FROM jobs WHERE tenant = %s", [FEEDS]).fetchall()
    return [Accepted(job, FEEDS, "article") for (job,) in jobs]


def _rate(admin: str, stretch: Stretch) -> float:
    """Jobs of callers that ended per second."""
    counted = "SELECT count(*) FROM jobs WHERE tenant <> %s AND finished BETWEEN %s AND %s"
    with psycopg.connect(admin) as connection:
        row = connection.execute(counted, [FEEDS, *stretch]).fetchone()
    return (row[0] if row else 0) / (stretch[1] - stretch[0])


def _progress(said: str) -> None:
    print(said, file=sys.stderr, flush=True)
