"""Five faults of a cluster, each with what it needs, its blows, and what must hold while it stands."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from loadtests.nodes import stores
from loadtests.nodes.cluster import Nodes
from loadtests.nodes.head import Head, tables

Document = dict[str, Any]  # the config's one application
OK, LATER = frozenset({200, 202}), frozenset({503})


@dataclass(frozen=True)
class Fault:
    """`blows`: struck one after the other, each stands for `lasts_s`, and all until `mend`. `answers`: question of a
    probe -> statuses that it may hear meanwhile, per blow. `goes_on`: per blow, whether jobs go on ending; `names`: the
    part that the service must name after each blow; `slower`: how many times as long as before the p95 of the callers'
    jobs may be."""

    blows: Sequence[Callable[[Nodes], Any]]
    mend: Callable[[Nodes], Any]
    lasts_s: float
    answers: Sequence[Mapping[str, frozenset[int]]]
    goes_on: Sequence[bool] = (True,)
    names: Sequence[str] = ()
    slower: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[Document], None] = lambda _: None
    everywhere: bool = False  # a proxy on every node
    pictures: Callable[[Path], Path] = lambda home: home / "objects"  # where they lie afterwards


@contextlib.contextmanager
def head(_: Path) -> Iterator[Fault]:
    """No head for twenty seconds, as long as a pod takes that starts on a node that is there."""
    heads: list[Head] = []

    def lose(running: Nodes) -> None:
        heads.append(Head(running))
        heads[-1].lose()

    with tables() as environment:
        yield Fault(
            [lose],
            lambda _: heads[-1].start(),
            20.0,
            [dict.fromkeys(("healthz", "operations", "picture", "upload"), OK)],
            environment=environment,
            everywhere=True,
        )


@contextlib.contextmanager
def crashloop(home: Path) -> Iterator[Fault]:
    """Weights that are gone: a renderer of two dies and cannot come back, then the only scorer."""
    weights = home / "weights"
    weights.write_bytes(b"simulated")

    def first(running: Nodes) -> None:
        weights.unlink()
        kill(running, "renderer", 1)

    yield Fault(
        [first, lambda running: kill(running, "scorer", 1)],
        lambda _: weights.write_bytes(b"simulated"),
        30.0,
        [{"healthz": OK, "picture": OK, "upload": OK}, {"picture": OK, "upload": OK}],
        goes_on=(True, False),
        names=("renderer", "scorer"),
        change=lambda application: _told(application, ("renderer", "scorer"), weights=str(weights)),
    )


@contextlib.contextmanager
def slow(home: Path) -> Iterator[Fault]:
    """A renderer of two takes ten times as long and fails nothing."""
    slowed = home / "slowed"
    yield Fault(
        [lambda running: slowed.write_text(str(min(replicas(running, "renderer"))))],
        lambda _: slowed.unlink(),
        60.0,
        [{"healthz": OK, "picture": OK, "upload": OK}],
        slower=3.0,
        change=lambda application: _told(application, ("renderer",), slowed=str(slowed)),
    )


@contextlib.contextmanager
def disk(home: Path) -> Iterator[Fault]:
    """No room where the pictures lie, for longer than five tries of a job take."""
    place = home / "small"
    with stores.small_disk(place):
        yield Fault(
            [lambda _: stores.fill(place)],
            lambda _: stores.empty(place),
            45.0,
            [{"healthz": OK, "picture": OK, "upload": LATER}],
            goes_on=(False,),
            environment={"VITRINE_OBJECTS": str(place / "objects")},
            pictures=lambda _: place / "objects",
        )


@contextlib.contextmanager
def store(_: Path) -> Iterator[Fault]:
    """A bucket at whose address nobody listens, for as long."""
    bucket = stores.Bucket()
    yield Fault(
        [lambda _: bucket.stop()],
        lambda _: bucket.listen(),
        45.0,
        [{"healthz": OK, "picture": LATER, "upload": LATER}],
        goes_on=(False,),
        environment=bucket.environment,
        pictures=lambda home: bucket.copied(home / "copied"),
    )
    bucket.stop()


FAULTS: dict[str, Callable[[Path], AbstractContextManager[Fault]]] = {
    "head": head, "crashloop": crashloop, "slow": slow, "disk": disk, "store": store,
}  # fmt: skip


def replicas(running: Nodes, role: str) -> set[int]:
    """Processes of a role's replicas on the nodes."""
    title, found = f"ray::ServeReplica:vitrine:{role}", set()
    for node in running.cluster.worker_nodes:
        raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
        for process in raylet.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                words = process.cmdline()
                if words and words[0].split(".")[0] == title:
                    found.add(process.pid)
    return found


def kill(running: Nodes, role: str, count: int) -> None:
    """kill -9 of so many replicas of a role."""
    for pid in sorted(replicas(running, role))[:count]:
        os.kill(pid, 9)


def _told(application: Document, roles: Sequence[str], **recipe: str) -> None:
    for deployment in application["deployments"]:
        if deployment["name"] in roles:
            deployment["user_config"] |= recipe
