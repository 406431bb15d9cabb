"""How the command ends when its reader has gone, when it is stopped, and when a batch did not become what was asked."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from called import Command, process

from serve_app.client import Batch, Job
from serve_app.commands.calling import exit_code


def test_a_reader_that_has_gone_is_code_141_without_a_word() -> None:
    read, write = os.pipe()
    os.close(read)
    with process("adapters", stdout=write) as run:
        os.close(write)
        _, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (141, "")


def test_ctrl_c_is_code_130_and_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with process("status", "job_1", "--server", url) as run:
            asked, _ = silent.accept()
            assert asked.recv(1).startswith(b"G")
            time.sleep(0.3)  # Python loses a signal that comes just before it waits, until the wait is over
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
            asked.close()
    assert (run.returncode, out, err) == (130, "", "vitrine: stopped\n")


def test_a_sheet_that_cannot_be_read_is_wrong_use_although_it_became_a_batch(
    service: str, vitrine: Command, tmp_path: Path
) -> None:
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    said = vitrine("submit", tmp_path / "sheet.xlsx", "--wait", "--server", service)
    assert (said.code, "failed" in said.out, "damaged" in said.out) == (2, True, True), said


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Batch("batch_1", "finished", counts={"succeeded": 2, "rejected": 1}), 0),
        (Batch("batch_1", "canceled", counts={"canceled": 1}), 0),
        (Batch("batch_1", "finished", counts={"succeeded": 2, "failed": 1}), 1),
        (Batch("batch_1", "failed", error={"code": "damaged"}), 2),
        (Batch("batch_1", "failed", counts={"failed": 1}, error={"code": "damaged"}), 1),
        (Batch("batch_1", "failed", error={"code": "feed_lost"}), 1),
        (Job("job_1", "failed"), 1),
        (Job("job_1", "rejected"), 0),
    ],
)
def test_the_exit_code_says_whose_fault_it_is(found: Batch | Job, code: int) -> None:
    assert exit_code(found) == code, found


def test_a_folder_is_no_file_for_a_result(vitrine: Command, tmp_path: Path) -> None:
    said = vitrine(
        "batches", "result", "batch_1", "--format", "csv", "--out", tmp_path, "--server", "http://127.0.0.1:9"
    )
    assert (said.code, "is a directory" in said.err, "Traceback" in said.err) == (2, True, False), said
