"""The pace of a shared machine, read all the time: what the same small work takes on each of its cores.

    python -m loadtests.capacity.probe FILE

Whoever else is on the host takes away half of a core's speed for seconds, and no counter tells. The work is counted in
time of the processor, so it does not matter how long it waits for a core; it takes about one per cent of each.
"""

import argparse
import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from loadtests.processes import ROOT

EVERY_S = 0.125  # that each core is asked
ADDITIONS = 5000  # a tenth of a millisecond: shorter than what a scheduler gives anybody at once
TRIES = 3  # of which the fastest counts: an interrupt is not the machine's pace


@contextlib.contextmanager
def watched(path: Path) -> Iterator[None]:
    """Readings go to a file meanwhile."""
    command = [sys.executable, "-m", "loadtests.capacity.probe", str(path)]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own command
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _worked_s() -> float:
    began, total = time.thread_time(), 0
    for number in range(ADDITIONS):
        total += number
    return time.thread_time() - began


def main() -> None:
    """Writes a line per reading, the moment and its seconds, until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    cores = sorted(os.sched_getaffinity(0))
    with parser.parse_args().file.open("w", buffering=1, encoding="utf-8") as file:
        for core in itertools.cycle(cores):
            os.sched_setaffinity(0, {core})
            took = min(_worked_s() for _ in range(TRIES))
            file.write(f"{time.monotonic():.4f} {took:.7f}\n")
            time.sleep(EVERY_S / len(cores))


if __name__ == "__main__":
    main()
