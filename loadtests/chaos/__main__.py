"""kill -9 of six parts of the service under load, and whether a job was lost, doubled or worked on twice.

The six: conductor, a renderer replica, ingress, controller, head, database.

    python -m loadtests.chaos [--times 20] [--jobs 1000] [--config loadtests/chaos/doubles.yaml] [--seed 0]

Starts a Postgres and a service of its own and ends them. Simulated models by default: their journal tells how often a
stage was performed. With `--config k8s/serve/laptop.yaml` the starter pack works instead, and stages are not counted.
Prints a table and, as the last line, one JSON document; exits with 1 when a claim does not hold.
"""

import argparse
import json
import signal
import sys
from pathlib import Path

from loadtests.chaos.campaign import SIMULATED, Plan, Report, run
from loadtests.chaos.faults import FAULTS
from loadtests.place import place


def main() -> None:
    """Runs the campaign that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=SIMULATED)
    parser.add_argument("--times", type=int, default=20, help="of each fault")
    parser.add_argument("--jobs", type=int, default=1000, help="accepted at least")
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", action="append", choices=FAULTS, help="only these")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # service and Postgres end with the campaign
    faults = tuple(args.fault or FAULTS)
    plan = Plan(args.config, args.times, args.jobs, args.clients, args.seed, faults)
    report = run(plan, progress=lambda step: print(step, file=sys.stderr, flush=True))
    show(report)
    print(json.dumps(report.document() | place(), default=str))
    sys.exit(0 if all(report.claims.values()) else 1)


def show(report: Report) -> None:
    """Recovery per fault, what was counted, and the claims."""
    print(f"{report.models}, {report.seconds:.0f} s, {report.starts} starts of the service")
    print(f"{'fault':<12}{'times':>6}{'healthy again, s':>20}{'probe job done, s':>20}{'in work':>9}   (median, max)")
    for fault in report.plan.faults:
        blows = [blow for blow in report.blows if blow.fault == fault]
        spans = ["{:.1f} {:>6.1f}".format(*report.recovery(fault, name)) for name in ("healthy_s", "probe_s")]
        print(f"{fault:<12}{len(blows):>6}{spans[0]:>20}{spans[1]:>20}{min(blow.in_work for blow in blows):>9}")
    jobs = report.jobs
    print(
        f"jobs: {jobs.accepted} accepted, {jobs.taken_over} taken over, at most {jobs.most_attempts} attempts, "
        f"at most {jobs.longest_s} s from acceptance to end"
    )
    print(f"clients sent again after: {dict(sorted(report.met.items())) or 'nothing'}")
    if report.stages is not None:
        print(
            f"stages: {report.stages.performed} performed, {report.stages.committed} committed, "
            f"{report.stages.again} performed again before an answer was committed, {report.stages.repeated} after"
        )
    for claim, holds in report.claims.items():
        print(f"{'holds' if holds else 'FAILS':<7}{claim}")


if __name__ == "__main__":
    main()
