"""Vitrine against the sequential script, FastAPI with threads, LitServe, BentoML and a naive Ray Serve app.

    python -m loadtests.cpu_suite [--quick] [--parts article renderer ladder graph] [--out FILE]

The same weights, steps, texts and threads per model everywhere; open-loop Poisson arrivals, a latency counts from the
moment at which its request was due; refused, failed and late requests stay in the denominator. Rounds of all systems
alternate. Prints tables and, as the last line, one JSON document; `--out` keeps all rounds. Half an hour, `--quick`
four minutes: run it on a machine that does nothing else.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from loadtests.cpu_suite import article, graph, ladder, renderer
from loadtests.cpu_suite.scale import PEERS, QUICK, WHOLE, Scale
from loadtests.place import place

LAPTOP = Path(__file__).parents[2] / "k8s" / "serve" / "laptop.yaml"
PARTS: dict[str, Callable[[Scale, Path], Coroutine[Any, Any, dict[str, Any]]]] = {
    "article": article.measured,
    "renderer": renderer.measured,
    "ladder": ladder.measured,
    "graph": graph.measured,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--quick", action="store_true", help="two peers, two short rounds: does it run")
    parser.add_argument("--peers", nargs="+", choices=PEERS, help="only these")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of one system in one round")
    parser.add_argument("--config", type=Path, default=LAPTOP, help="Vitrine's Serve config")
    parser.add_argument("--out", type=Path, help="file for the whole document, with every round")
    args = parser.parse_args()
    chosen = {name: value for name in ("peers", "rounds", "seconds") if (value := getattr(args, name)) is not None}
    scale = replace(QUICK if args.quick else WHOLE, **chosen)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped after a polite kill too
    began = time.perf_counter()
    found: dict[str, Any] = {"benchmark": "cpu_suite", "scale": asdict(scale), "config": args.config.name} | place()
    for part in args.parts:
        print(f"\n== {part}", flush=True)
        try:
            found[part] = asyncio.run(PARTS[part](scale, args.config.absolute()))
        except SystemExit as ended:  # a system that does not start costs its part, and not the others
            found[part] = {"error": str(ended)}
            print(ended, file=sys.stderr)
        if args.out:
            args.out.write_text(json.dumps(found, indent=1), "utf-8")
    found["seconds"] = round(time.perf_counter() - began)
    print(json.dumps(rounded(without_rounds(found))))
    sys.exit(any("error" in found[part] for part in args.parts))


def without_rounds(found: Any) -> Any:
    """The document without every single round."""
    if isinstance(found, dict):
        return {
            name: without_rounds(value) for name, value in found.items() if name != "rounds" or isinstance(value, int)
        }
    return found


def rounded(found: Any) -> Any:
    """Four digits say what two noisy cores can say."""
    if isinstance(found, dict):
        return {name: rounded(value) for name, value in found.items()}
    return float(f"{found:.4g}") if isinstance(found, float) else found


if __name__ == "__main__":
    main()
