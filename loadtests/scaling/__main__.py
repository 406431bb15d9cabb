"""Figures of scaling, simulated models: `python -m loadtests.scaling step`, `replicas` or `nodes`.

`step`: one deployment's load from one client to eight: its second replica, the other deployments, the way back.
`replicas`: pictures per second of 1 to 32 renderers, ingress and conductors scaled alongside.
`nodes`: two stages on pretended GPU nodes, from nothing to three replicas and back to nothing.
Prints a table and, as the last line, one JSON document.
"""

import argparse
import json
from importlib import import_module

from loadtests.place import place

FIGURES = ("step", "replicas", "nodes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", help="of `replicas`; by default 1 2 4 8 16 32, some 20 minutes")
    args = parser.parse_args()
    measured = import_module(f"loadtests.scaling.{args.figure}").measured
    options = (tuple(args.sizes),) if args.sizes and args.figure == "replicas" else ()
    rounds = [measured(*options) for _ in range(args.rounds)]
    for found in rounds:
        for name, value in found.items():
            print(f"{name:<22}{value}" if name != "sizes" else "\n".join(map(str, value)))
        print()
    print(json.dumps({"figure": args.figure, "models": "simulated", "rounds": rounds} | place()))


if __name__ == "__main__":
    main()
