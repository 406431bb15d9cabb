"""`python -m k8s.checks k8s/overlays/production`: every rule that an overlay breaks; exit code 1 if there is one."""

import sys
from pathlib import Path

from k8s.checks.rendered import RenderError, render
from k8s.checks.rules import broken


def main(folders: list[str]) -> int:
    """0: no rule is broken, 1: some are, 2: an overlay cannot be rendered."""
    found = 0
    for folder in folders:
        try:
            faults = list(broken(render(Path(folder))))
        except RenderError as error:
            print(error, file=sys.stderr)
            return 2
        found += len(faults)
        for rule, fault in faults:
            print(f"{folder}: {rule}: {fault}")
    print(f"{found} faults in {len(folders)} overlays")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
