"""Every operation of the OpenAPI document under schemathesis: all its phases and checks, over a service of doubles.

    python -m loadtests.fuzz [--examples 100] [--seed 0] [--postgres] [--operation "POST /v1/jobs"] [--show 3]

The service has an API key and a door that is locked; its queue, worker and database are the real ones. Nothing leaves
the machine: addresses that requests name are checked and then not connected to.
Prints a table and, as the last line, one JSON document; exit code 1 when there is a failure.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "service"))  # the service of doubles is the tests' own

from over_http import on_loopback

from loadtests import postgres_server

# A request that fits its schema and is still refused, each by a code that says what is wrong with its meaning.
MEANT = """unknown_format empty_sheet missing_columns damaged columns_option unknown_adapter bad_size bad_url
no_base_colour no_product_type unknown_attribute denied_address unreachable too_many_webhooks
idempotency_key_reused unusable_listing unknown_answer not_a_picture broken animated empty not_text wrong_type
too_long injection other_language no_product no_budget invalid_value/mask invalid_value/checks
invalid_value/article_id same_name unknown_variant no_report"""


@dataclass
class Fuzzed:
    """`cases`: requests by operation; `failures`: check -> one line per distinct failure; `errors`: of the engine."""

    cases: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    failures: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def take(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.NonFatalError | events.FatalError):
            self.errors.append(repr(getattr(event, "value", None) or getattr(event, "exception", event)))
        if not isinstance(event, events.ScenarioFinished):
            return
        recorder = event.recorder
        for identity, node in recorder.cases.items():
            label = node.value.operation.label
            self.cases[label] += 1
            self.phases[event.phase.value] += 1
            interaction = recorder.interactions.get(identity)
            if interaction is not None and interaction.response is not None:
                self.statuses[interaction.response.status_code] += 1
            for check in recorder.checks.get(identity, ()):
                self.checks[check.name] += 1
                if check.status is Status.FAILURE and check.failure_info is not None:
                    response = None if interaction is None else interaction.response
                    self._fail(check.name, f"{label} {code_of(response)}", check.failure_info)

    def _fail(self, check: str, label: str, found: Any) -> None:
        said = f"{label}: {found.failure.title}: {found.failure.message}"
        self.failures.setdefault(check, {}).setdefault(said, found.code_sample)


def filter_failure(_: Any, failure: Failure, case: schemathesis.Case[Any], response: Response) -> bool:
    """Whether a failure counts: a valid request may be refused for its meaning, an unknown header is passed over."""
    if isinstance(failure, RejectedPositiveData):
        return code_of(response) not in MEANT.split()
    return not (isinstance(failure, AcceptedNegativeData) and "in header - object with unexpected" in failure.message)


def code_of(response: Response | None) -> str:
    """The stable code in a problem document, empty for any other answer."""
    if response is None or not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return ""
    error = json.loads(response.content)["error"]
    return f"invalid_value/{error['param']}" if error["code"] == "invalid_value" else str(error["code"])


def fuzz(base_url: str, secret: str, examples: int, seed: int = 0, operation: str | None = None) -> Fuzzed:
    """All phases, all checks, about `examples` cases per operation and phase."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "headers": {"Authorization": f"Bearer {secret}"},
            "checks": {"enabled": True},
            "phases": {"coverage": {"generate-duplicate-query-parameters": True}},
            "continue-on-failure": True,
            "request-timeout": 60,
        }
    )
    schema = schemathesis.openapi.from_url(f"{base_url}/openapi.json", config=config)
    schema.hook(filter_failure)
    chosen = schema if operation is None else schema.include(name=operation)
    found, began = Fuzzed(), time.perf_counter()
    for event in from_schema(chosen).execute():
        found.take(event)
    found.seconds = time.perf_counter() - began
    return found


def main() -> None:
    """Starts the service, fuzzes it and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgres", action="store_true", help="on a Postgres of its own instead of SQLite")
    parser.add_argument("--operation", help="only this one, such as 'POST /v1/jobs'")
    parser.add_argument("--show", type=int, default=5, help="failures printed per check")
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postgres_server.running()).fresh() if args.postgres else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, secret = stack.enter_context(on_loopback(folder, database=database))
        found = fuzz(url, secret, args.examples, args.seed, args.operation)
    print(report(found, args.show))
    summary: dict[str, Any] = {"operations": len(found.cases), "cases": sum(found.cases.values())}
    summary |= {"phases": dict(found.phases), "statuses": dict(sorted(found.statuses.items()))}
    summary |= {"checks": dict(found.checks), "failures": {name: len(each) for name, each in found.failures.items()}}
    summary |= {"errors": len(found.errors), "seconds": round(found.seconds, 1), "examples": args.examples}
    print(json.dumps(summary | {"seed": args.seed, "database": "postgres" if args.postgres else "sqlite"}))
    sys.exit(1 if found.failures or found.errors or not found.cases else 0)


def report(found: Fuzzed, show: int) -> str:
    """A table of operations, then the failures with the call that repeats each."""
    lines = [f"{'operation':<44}{'cases':>8}"]
    lines += [f"{label:<44}{count:>8}" for label, count in sorted(found.cases.items())]
    for name, failures in sorted(found.failures.items()):
        lines += ["", f"{name}: {len(failures)} failures"]
        for said, sample in list(failures.items())[:show]:
            lines += [f"  {said[:600]}", f"    {sample[:600]}"]
    return "\n".join([*lines, *(f"error: {error}" for error in found.errors)])


if __name__ == "__main__":
    main()
