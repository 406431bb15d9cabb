"""The command `vitrine` as a person calls it, in this process or as one of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from serve_app.cli import app

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """How a call ended and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """Calls `vitrine` in this process."""

    captured: pytest.CaptureFixture[bytes]

    def __call__(self, *arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as ended:
            app([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = self.captured.readouterr()
        code = ended.value.code  # a text is a message of code 1
        return Said(code if isinstance(code, int) else int(code is not None), out.decode(), err.decode())


def process(*arguments: str | Path, stdout: int = subprocess.PIPE, **environment: str) -> "subprocess.Popen[str]":
    """The command as a process, its output in pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "serve_app.cli", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), **environment},
    )
