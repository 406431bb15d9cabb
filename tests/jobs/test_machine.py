"""One machine at a time opens an embedded database, and none locks itself or its successor out for ever."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serve_app.jobs.database import FILE, StoreError, hold, sqlite_url
from serve_app.jobs.machine import HELD_S, Machine, OtherMachineError
from serve_app.jobs.machine import hold as note
from serve_app.jobs.store import Store

HERE = Machine.here()
OTHER = Machine("node-b", "b" * 32, "boot-b")
ROOT = Path(__file__).parents[2]


def left_alone(folder: Path, seconds: float) -> None:
    """Makes the note as old as if nobody had renewed it."""
    then = time.time() - seconds
    os.utime(folder / f"{FILE}.machine", (then, then))


def test_a_second_machine_is_refused_with_what_to_do(tmp_path: Path) -> None:
    note(tmp_path / FILE, OTHER)
    with pytest.raises(StoreError, match=r"'node-b'.*one machine: set VITRINE_DATABASE_URL to postgresql://.* in 60 s"):
        Store.open(tmp_path)
    assert not (tmp_path / FILE).exists(), "the database was touched"


async def test_every_process_of_one_machine_opens_it(tmp_path: Path) -> None:
    program = "import sys, pathlib\nfrom serve_app.jobs.store import Store\nStore.open(pathlib.Path(sys.argv[1]))"
    async with Store.open(tmp_path), Store.open(tmp_path):
        subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=ROOT)


def test_containers_on_one_kernel_share_it(tmp_path: Path) -> None:
    note(tmp_path / FILE, Machine("pod-a", "", "boot-a"))
    note(tmp_path / FILE, Machine("pod-b", "", "boot-a"))
    with pytest.raises(OtherMachineError):
        note(tmp_path / FILE, Machine("pod-c", "", "boot-c"))


def test_a_machine_that_rebooted_opens_its_own_store_at_once(tmp_path: Path) -> None:
    note(tmp_path / FILE, OTHER)
    note(tmp_path / FILE, Machine(OTHER.name, OTHER.id, "boot-after"))


def test_machines_without_a_boot_id_are_not_taken_for_one(tmp_path: Path) -> None:
    note(tmp_path / FILE, Machine("a", "1", ""))
    with pytest.raises(OtherMachineError):
        note(tmp_path / FILE, Machine("b", "2", ""))


def test_a_store_that_was_moved_opens_when_its_old_machine_was_silent(tmp_path: Path) -> None:
    note(tmp_path / FILE, OTHER)
    left_alone(tmp_path, HELD_S - 5)
    with pytest.raises(StoreError, match=r"opens here in [345] s"):
        hold(sqlite_url(tmp_path))
    left_alone(tmp_path, HELD_S + 1)
    hold(sqlite_url(tmp_path))
    with pytest.raises(OtherMachineError, match=f"machine '{HERE.name}'"):
        note(tmp_path / FILE, OTHER)


def test_a_renewal_keeps_others_out_and_says_so_to_one_that_was_replaced(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    hold(url)
    left_alone(tmp_path, HELD_S - 1)
    hold(url)
    with pytest.raises(OtherMachineError):
        note(tmp_path / FILE, OTHER)
    left_alone(tmp_path, HELD_S + 1)  # this machine slept
    note(tmp_path / FILE, OTHER)
    with pytest.raises(StoreError, match="in use on the machine 'node-b'"):
        hold(url)


def test_a_note_that_cannot_be_read_holds_nothing(tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"name": "x"}'):
        (tmp_path / f"{FILE}.machine").write_text(text)
        hold(sqlite_url(tmp_path))


def test_postgres_is_held_by_no_machine() -> None:
    hold("postgresql://vitrine@nowhere.invalid/vitrine")
