"""What a run of sheets costs as its user sees it: seconds with the start of the service, and memory.

`python -m loadtests.sheet_run SHEET... [--policy neutral]` calls `vitrine run` and adds up the proportional set size
(PSS) of all its processes, Ray's included, twice a second. Prints the run's statistics and one JSON line.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from loadtests.place import place

EVERY_S = 0.5


def pss(process: psutil.Process) -> int:
    """Bytes of a process and everything that it started."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            total += each.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheets", nargs="+", type=Path)
    parser.add_argument("--policy", default="neutral")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vitrine = [sys.executable, "-m", "serve_app.cli", "run", *map(str, args.sheets)]
        out, said = ["--out", folder, "--policy", args.policy, "--json"], Path(folder) / "statistics"
        began, most = time.perf_counter(), 0
        environment = os.environ | {"VITRINE_HOME": f"{folder}/home"}  # an empty store: nothing is done already
        with said.open("wb") as out_, subprocess.Popen([*vitrine, *out], stdout=out_, env=environment) as running:  # noqa: S603
            watched = psutil.Process(running.pid)
            while running.poll() is None:
                most = max(most, pss(watched))
                time.sleep(EVERY_S)
        seconds = time.perf_counter() - began
        statistics = json.loads(said.read_text("utf-8"))
    print(json.dumps(statistics, indent=1))
    print(json.dumps({"seconds": round(seconds, 1), "peak_pss_gib": round(most / 2**30, 2)} | place()))


if __name__ == "__main__":
    main()
