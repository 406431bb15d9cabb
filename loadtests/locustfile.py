"""A marketplace's traffic against a running service.

    locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000 --shape day --minutes 10 --peak 1.5

Shapes: day, flash, step, soak; `--peak` in arrivals per second. Distributed: `--master --expect-workers 2` here and
`--worker --master-host HOST` elsewhere. `--objective article=4` sets the limits, `--out DIR` takes report.html,
summary.json and seen.json. The exit code is 1 when a limit does not hold, and the last line is the summary as JSON.
"""

import json
import time
from argparse import Namespace
from dataclasses import astuple
from pathlib import Path
from typing import Any

from locust import LoadTestShape, events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.rpc import Message
from locust.runners import MasterRunner, WorkerRunner

from loadtests.marketplace.corpus import Corpus
from loadtests.marketplace.report import page
from loadtests.marketplace.shapes import SHAPES, rate, users
from loadtests.marketplace.users import PATIENCE_S, PERSONAS, Marketplace, Shop
from loadtests.marketplace.verdict import Objectives, judged

Single, Undecided, Poller, Listener, Canceller, Uploader, BadClient = PERSONAS  # as Locust looks for them
OBJECTIVES = ("article=8", "draft=4", "job accepted=0.5", "job looked at=0.25", "bad request=0.5")
USERS_PER_S = 100.0  # users that begin per second: a sale begins at once


class Traffic(LoadTestShape):
    """As many users as the chosen shape's arrivals need."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        chosen, at_s = self._chosen(), self.get_run_time()
        seconds = 60 * chosen.minutes
        if at_s >= seconds:
            return None
        return users(rate(chosen.shape, at_s, seconds, chosen.peak)), USERS_PER_S

    def _chosen(self) -> Namespace:
        assert self.runner is not None
        return options(self.runner.environment)


@events.init_command_line_parser.add_listener
def arguments(parser: LocustArgumentParser) -> None:
    group = parser.add_argument_group("marketplace")
    group.add_argument("--shape", choices=sorted(SHAPES), default="day")
    group.add_argument("--minutes", type=float, default=2.0)
    group.add_argument("--peak", type=float, default=0.6, help="arrivals per second at the peak")
    group.add_argument("--seed", type=int, default=0)
    group.add_argument("--adapter", action="append", help="asked for, the first most often; default: none")
    group.add_argument("--api-key", action="append", env_var="VITRINE_API_KEY", help="users share them out")
    group.add_argument("--objective", action="append", help=f"kind=seconds of the p95; default: {OBJECTIVES}")
    group.add_argument("--failures", type=float, default=0.001, help="share of requests that may fail")
    group.add_argument("--refusals", type=float, default=0.05, help="share that may be refused with Retry-After")
    group.add_argument("--out", default="loadtests/out/marketplace", help="folder of report.html and summary.json")


class Test:
    """One process of a test: it sends, or gathers what the others saw, or both."""

    def __init__(self, environment: Environment) -> None:
        self.options = options(environment)
        runner = environment.runner
        process = runner.worker_index + 1 if isinstance(runner, WorkerRunner) else 0
        corpus = Corpus(self.options.seed, process, [None, *(self.options.adapter or [])])
        self.market = Marketplace(corpus, self.options.seed + 10_000 * process, self.options.api_key or [])
        self.began, self.settled = time.time(), 0  # processes that have no more to tell
        self.line = ""

    def over(self, environment: Environment) -> None:
        """Judges, writes and keeps the line that is printed last."""
        chosen, given = self.options.objective or OBJECTIVES, self.options
        limits = {kind: float(seconds) for kind, _, seconds in (one.partition("=") for one in chosen)}
        objectives = Objectives(limits, given.failures, given.refusals)
        document = judged(self.market.journal, objectives, 60 * given.minutes)
        document |= {"shape": given.shape, "peak_per_s": given.peak, "minutes": given.minutes}
        out, self.line = Path(given.out), json.dumps(document)
        out.mkdir(parents=True, exist_ok=True)
        (out / "summary.json").write_text(self.line, "utf-8")
        (out / "seen.json").write_text(json.dumps([astuple(one) for one in self.market.journal.seen]), "utf-8")
        (out / "report.html").write_text(page(document, self.market.journal.seen, self.began), "utf-8")
        environment.process_exit_code = 0 if document["holds"] else 1


def options(environment: Environment) -> Namespace:
    found: Namespace | None = environment.parsed_options
    assert found is not None
    return found


tests: list[Test] = []


@events.test_start.add_listener
def begin(environment: Environment, **_: Any) -> None:
    tests.append(Test(environment))
    Shop.market = tests[-1].market


@events.init.add_listener
def arrange(environment: Environment, **_: Any) -> None:
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        runner.register_message("settle", settle, concurrent=True)
    elif isinstance(runner, MasterRunner):
        runner.register_message("settled", settled)


@events.test_stopping.add_listener
def end(environment: Environment, **_: Any) -> None:
    """Locust gives its workers half a second for their last report; jobs take longer to end."""
    test, runner = tests[-1], environment.runner
    if not isinstance(runner, MasterRunner):
        test.market.settle(PATIENCE_S)
        return
    runner.send_message("settle")
    until = time.monotonic() + 2 * PATIENCE_S
    while test.settled < runner.worker_count and time.monotonic() < until:
        time.sleep(0.2)


def settle(environment: Environment, **_: Any) -> None:
    """A worker, asked by its master."""
    market = tests[-1].market
    market.settle(PATIENCE_S)
    assert isinstance(environment.runner, WorkerRunner)
    environment.runner.send_message("settled", market.journal.taken())


def settled(msg: Message, **_: Any) -> None:
    """The master, told by a worker."""
    tests[-1].market.journal.add(msg.data)
    tests[-1].settled += 1


@events.report_to_master.add_listener
def tell(data: dict[str, Any], **_: Any) -> None:
    if tests:
        data["journal"] = tests[-1].market.journal.taken()


@events.worker_report.add_listener
def hear(data: dict[str, Any], **_: Any) -> None:
    if tests and "journal" in data:
        tests[-1].market.journal.add(data["journal"])


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    if tests and not isinstance(environment.runner, WorkerRunner):
        tests[-1].over(environment)


@events.quit.add_listener
def say(**_: Any) -> None:
    if tests and tests[-1].line:
        print(tests[-1].line)
