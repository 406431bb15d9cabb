"""The process that opens strangers' files: ended by clock and processor, with little memory and no files of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serve_app import limited_child


def ended(what: str, tmp_path: Path) -> tuple[int, str]:
    """Exit status and errors of a process under limits of 256 MB and one processor second."""
    source = f"from serve_app.limited_child import limit\nlimit(256 << 20, 1)\n{what}"
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def test_too_much_processor_time_ends_with_the_signal_that_names_it(tmp_path: Path) -> None:
    assert ended("while True: pass", tmp_path)[0] == -signal.SIGXCPU


@pytest.mark.parametrize(
    ("what", "error"), [("bytes(300 << 20)", "MemoryError"), ("open('x', 'w').write('x' * 9_000)", "File too large")]
)
def test_memory_and_files_have_limits(tmp_path: Path, what: str, error: str) -> None:
    source = f"import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n{what}"
    code, said = ended(source, tmp_path)
    assert (code, error in said) == (1, True), said


def test_a_child_that_hangs_is_ended_by_the_clock_and_one_that_died_was_not_slow() -> None:
    began = time.monotonic()
    with limited_child.running("http.server", "0", within_s=1.0) as hanging:
        assert hanging.message(100) is None
        assert hanging.was_slow()
    assert time.monotonic() - began < 20
    with limited_child.running("no_such_module", within_s=60.0) as dead:
        dead.send(bytes(1 << 20))
        assert dead.message(100) is None
        assert not dead.was_slow()
