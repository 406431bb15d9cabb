"""A dump as the runbook makes it holds every tenant's rows, and what was restored from it serves as before."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from loadtests import postgres_server
from serve_app.jobs.database import Database, migrate
from serve_app.jobs.job import Order
from serve_app.jobs.queue import Queue
from serve_app.jobs.schema import jobs

pytestmark = pytest.mark.skipif(postgres_server.binaries() is None, reason="no Postgres to dump")


def called(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    folder = postgres_server.binaries()
    assert folder is not None
    return subprocess.run([folder / program, *arguments], capture_output=True, text=True, check=False)


async def test_a_restored_dump_has_every_tenants_jobs_and_keeps_them_apart(tmp_path: Path) -> None:
    dump = str(tmp_path / "vitrine.dump")
    with postgres_server.running() as server:
        migrate(server.url)
        before = Database.open(server.url)
        submitted = [await Queue(before).submit([Order(tenant, "article", {})]) for tenant in ("a", "a", "b")]
        await before.close()
        refused = called("pg_dump", "--format=custom", f"--file={dump}", server.url)
        assert "row-level security" in refused.stderr, "the service's own role sees one tenant at a time"
        for step in (
            called("pg_dump", "--format=custom", f"--file={dump}", server.admin("vitrine")),
            called("pg_restore", "--clean", "--if-exists", f"--dbname={server.admin('vitrine')}", dump),
        ):
            assert step.returncode == 0, step.stderr
        migrate(server.url)
        after = Database.open(server.url)
        claimed = await Queue(after).claim("worker", 10)
        assert sorted(job.id for job in claimed) == sorted(name for (name,) in submitted)
        async with after.reading("b") as connection:
            assert (await connection.execute(select(func.count()).select_from(jobs))).scalar_one() == 1
        await after.close()
