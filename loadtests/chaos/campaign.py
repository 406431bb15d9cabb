"""The campaign: a Postgres, a service and a load of its own; faults in a seeded order; then the ledger."""

import asyncio
import contextlib
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from loadtests import postgres_server
from loadtests.chaos.faults import FAULTS, Blow, Ground
from loadtests.chaos.ledger import Jobs, Ledger, Performed
from loadtests.chaos.load import Load
from loadtests.chaos.service import Supervisor
from models.doubles.journal import read
from serve_app.access.keys import Keys
from serve_app.jobs.database import Database
from serve_app.serve_config import WITHOUT_MODEL

TENANTS = ("shop-a", "shop-b", "shop-c")
SIMULATED = Path(__file__).parent / "doubles.yaml"


@dataclass(frozen=True)
class Plan:
    """`times`: of each fault; `least`: jobs that must have been accepted before the load stops."""

    config: Path = SIMULATED
    times: int = 20
    least: int = 1000
    clients: int = 12
    seed: int = 0
    faults: tuple[str, ...] = FAULTS


@dataclass(frozen=True)
class Report:
    """What came out; `claims` is what must hold."""

    plan: Plan
    models: str
    seconds: float
    blows: list[Blow]
    jobs: Jobs
    articles: tuple[int, int]
    stages: Performed | None
    met: dict[str, int]
    unanswered: list[str]
    refused: list[str]
    starts: int

    @property
    def claims(self) -> dict[str, bool]:
        """Claim -> whether it holds."""
        saved, succeeded = self.articles
        claims = {
            f"at least {self.plan.least} jobs were accepted": self.jobs.accepted >= self.plan.least,
            "no order was refused, and each was accepted in the end": not self.refused and not self.unanswered,
            "0 accepted jobs lost": not self.jobs.lost,
            "0 double results": not self.jobs.doubled and saved == succeeded,
            "0 jobs that no client knows": not self.jobs.unknown,
            "every picture of a result is there, with its own hash": not self.jobs.incomplete,
        }
        if self.stages is not None:
            claims["0 stages with a committed answer repeated"] = self.stages.repeated == 0
            claims["every committed stage stands in the journal"] = self.stages.unseen == 0
        return claims

    def recovery(self, fault: str, name: str) -> tuple[float, float]:
        """Median and maximum over the blows of a fault of `healthy_s` or `probe_s`."""
        seconds = [getattr(blow, name) for blow in self.blows if blow.fault == fault]
        return statistics.median(seconds), max(seconds)

    def document(self) -> dict[str, Any]:
        """As one JSON value."""
        times = {
            fault: {
                name: [round(value, 1) for value in self.recovery(fault, name)] for name in ("healthy_s", "probe_s")
            }
            for fault in self.plan.faults
        }
        whole = asdict(self) | {"claims": self.claims, "recovery_median_max": times}
        return whole | {"plan": asdict(self.plan) | {"config": self.plan.config.name}, "blows": len(self.blows)}


def run(plan: Plan, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Takes minutes; raises CampaignError when it could not do what it is for."""
    began, rng = time.monotonic(), random.Random(plan.seed)
    with _folder() as folder, postgres_server.running() as server:
        config, journal = _config(plan.config, folder)
        keys = asyncio.run(_keys(server.url))
        with Supervisor(config, folder, server.url) as service:
            ground = Ground(service, server, rng)
            ground.healthy()
            digests = _digests(service.base_url, keys[TENANTS[0]])
            load = Load(service.base_url, keys, plan.clients, plan.seed)
            load.start()
            blows = list(_blows(plan, ground, load, rng, progress))
            while len(load.accepted) < plan.least and not load.refused and not load.unanswered:
                time.sleep(1)
            load.stop()
            starts = service.starts
        ledger = Ledger(server.admin("vitrine"), folder / "home" / "objects")
        stages = ledger.performed(read(journal), TENANTS, digests) if journal else None
        jobs, articles = ledger.jobs(load.accepted), ledger.articles()
    return Report(
        plan=plan,
        models="real models" if journal is None else "simulated models",
        seconds=round(time.monotonic() - began, 1),
        blows=blows,
        jobs=jobs,
        articles=articles,
        stages=stages,
        met=dict(load.met),
        unanswered=load.unanswered,
        refused=load.refused,
        starts=starts,
    )


def _blows(
    plan: Plan, ground: Ground, load: Load, rng: random.Random, progress: Callable[[str], None]
) -> Iterator[Blow]:
    for round_ in range(plan.times):
        for fault in rng.sample(plan.faults, len(plan.faults)):
            blow = ground.strike(fault, load.probe)
            progress(
                f"{round_ + 1}/{plan.times} {fault}: {blow.in_work} in work, healthy after {blow.healthy_s:.1f} s, "
                f"a probe done after {blow.probe_s:.1f} s, {len(load.accepted)} jobs ended"
            )
            yield blow


def _config(config: Path, folder: Path) -> tuple[Path, Path | None]:
    """The config with a journal for its doubles, and where that is; None for models that keep none."""
    document = yaml.safe_load(config.read_text("utf-8"))
    deployments = document["applications"][0]["deployments"]
    recipes = [found["user_config"] for found in deployments if found["name"] not in WITHOUT_MODEL]
    if any(recipe["kind"] != "double" for recipe in recipes):
        return config.absolute(), None
    journal, written = folder / "journal.jsonl", folder / "serve.yaml"
    for recipe in recipes:
        recipe["journal"] = str(journal)
    written.write_text(yaml.safe_dump(document), "utf-8")
    return written, journal


async def _keys(url: str) -> dict[str, str]:
    """Tenant -> secret."""
    database = Database.open(url)
    made = {tenant: await Keys(database).create(tenant, "chaos", ["jobs:read", "jobs:write"]) for tenant in TENANTS}
    await database.close()
    return {tenant: secret for tenant, (_, secret) in made.items()}


def _digests(base_url: str, secret: str) -> dict[str, str]:
    answer = httpx.get(f"{base_url}/v1/models", headers={"Authorization": f"Bearer {secret}"}, trust_env=False)
    return {facts["role"]: facts["digest"] for facts in answer.raise_for_status().json()["data"]}


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder of the campaign's own; it stays when the campaign breaks off, for its log says why."""
    folder = Path(tempfile.mkdtemp(prefix="vitrine-chaos-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)
