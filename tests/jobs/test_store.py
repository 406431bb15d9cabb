"""What was saved is there after any end of the process that saved it, once."""

import asyncio
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serve_app.jobs.database import FILE, StoreError
from serve_app.jobs.runs import RunRow, RunState
from serve_app.jobs.store import NewArticle, Store

T = "local"
ROOT = Path(__file__).parents[2]


async def test_the_first_writer_of_a_key_wins(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        saved = [await store.save_article(T, NewArticle("key", "a1", [{"seed": seed}], "succeeded")) for seed in (1, 2)]
        found = await store.article(T, "key")
    assert [article.records for article in saved] == [[{"seed": 1}], [{"seed": 1}]]
    assert found == saved[0]


async def test_an_article_is_found_by_its_id_with_the_newest_result_first(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        for key in ("k1", "k2"):
            await store.save_article(T, NewArticle(key, "a1", [{"key": key}], "needs_answer"))
        assert [article.key for article in await store.articles_by_id(T, "a1")] == ["k2", "k1"]
        assert (await store.articles_by_id(T, "a2"), await store.article(T, "k3")) == ([], None)


async def test_a_picture_is_named_by_its_content(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        names = {await store.put_picture(T, "job_1", b"picture") for _ in range(2)}
        assert names == {hashlib.sha256(b"picture").hexdigest()}
        assert await store.picture(T, names.pop()) == b"picture"
        assert await store.picture(T, "0" * 64) is None


async def test_the_same_picture_is_kept_once_whoever_made_it(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        for tenant, owner in ((T, "job_1"), (T, "job_2"), ("shop", "job_3")):
            digest = await store.put_picture(tenant, owner, b"picture")
            assert await store.picture(tenant, digest) == b"picture"
    kept = {file.parts[-3:-1] for file in (tmp_path / "objects").rglob("*.png")}
    assert kept == {(T, "job_1"), ("shop", "job_3")}


@pytest.mark.parametrize("name", ["../vitrine.sqlite", "", "A" * 64, "0" * 63 + "/"])
async def test_a_name_that_is_no_sha256_finds_nothing(tmp_path: Path, name: str) -> None:
    async with Store.open(tmp_path) as store:
        assert await store.picture(T, name) is None


async def test_many_writers_in_one_process_do_not_lock_each_other_out(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store, Store.open(tmp_path) as other:
        await asyncio.gather(
            *(
                (store, other)[number % 2].save_article(
                    T, NewArticle(f"k{number // 2}", "a", [{"n": number}], "succeeded")
                )
                for number in range(40)
            )
        )
        assert len(await store.articles_by_id(T, "a")) == 20


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(StoreError, match="newer version"):
        Store.open(tmp_path)


def test_a_store_of_the_preview_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("CREATE TABLE articles (key TEXT)")
    with pytest.raises(StoreError, match="preview"):
        Store.open(tmp_path)


async def test_rows_that_a_run_takes_again_keep_the_state_of_their_article(tmp_path: Path) -> None:
    rows = [RunRow("a.csv", 1, "x"), RunRow("a.csv", 2, "y"), RunRow("a.csv", 3, "x")]
    async with Store.open(tmp_path) as store:
        state = RunState(store.database, "run")
        assert await state.options() is None
        await state.begin({"seed": 0}, rows)
        await state.finish("x", "succeeded", seconds=2.5)
        await state.begin({"seed": 0}, [*rows[1:], RunRow("a.csv", 4, "z")])
        assert [(row.row, row.state) for row in await state.rows()] == [
            (2, "pending"),
            (3, "succeeded"),
            (4, "pending"),
        ]
        assert (await state.options(), await state.seconds()) == ({"seed": 0}, 2.5)


WRITER = """
import asyncio, sys
from pathlib import Path
from serve_app.jobs.store import NewArticle, Store

async def main() -> None:
    async with Store.open(Path(sys.argv[1])) as store:
        for number in range(100_000):
            digest = await store.put_picture("local", "job_1", str(number).encode() * 1000)
            await store.save_article("local", NewArticle(f"k{number}", "a", [{"sha256": digest}], "succeeded"))
            print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [5, 17, 40])
async def test_a_killed_writer_leaves_every_article_that_it_confirmed_with_its_picture(
    tmp_path: Path, after: int
) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT) as writer:
        assert writer.stdout is not None
        confirmed = [int(writer.stdout.readline()) for _ in range(after)][-1]
        time.sleep(0.003 * (after % 7))
        os.kill(writer.pid, signal.SIGKILL)
    async with Store.open(tmp_path) as store:
        kept = await store.articles_by_id(T, "a")
        assert len(kept) >= confirmed + 1
        pictures = [await store.picture(T, article.records[0]["sha256"]) for article in kept]
    assert {picture is not None for picture in pictures} == {True}
    assert sqlite3.connect(tmp_path / FILE).execute("PRAGMA integrity_check").fetchone() == ("ok",)
