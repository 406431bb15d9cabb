"""`vitrine bench`: the benchmarks of a clone, each of which prints tables and, last, one JSON line."""

import enum
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from models.errors import VitrineError

ROOT = Path(__file__).parents[2]


class Suite(enum.StrEnum):
    """`cpu`: against other ways to serve the same models; `gpu`: full-size models; `graph`: what Ray and HTTP add."""

    CPU = "cpu"
    GPU = "gpu"
    GRAPH = "graph"


MODULES = {
    Suite.CPU: "loadtests.cpu_suite",
    Suite.GPU: "loadtests.gpu_suite",
    Suite.GRAPH: "loadtests.graph_overhead",
}


def bench(
    context: typer.Context,
    suite: Annotated[Suite, typer.Argument(help="What is measured; all further options go to the suite.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON line only.")] = False,
) -> None:
    """Run a benchmark on this machine: `vitrine bench cpu --quick` takes minutes, `vitrine bench gpu --out DIR` ten."""
    # They are no part of the distribution: what is measured is the clone that holds them.
    if not (ROOT / "loadtests").is_dir():
        raise VitrineError(f"{ROOT} holds no loadtests; call vitrine bench from a clone of the repository")
    command = [sys.executable, "-m", MODULES[suite], *context.args]
    ended = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE if as_json else None)  # noqa: S603
    if ended.stdout:
        print(ended.stdout.decode().splitlines()[-1])
    raise typer.Exit(ended.returncode)
