"""A cluster of several nodes is refused with a store that serves one machine."""

from typing import Any

import pytest

from serve_app.jobs.database import StoreError
from serve_app.one_machine import check
from serve_app.settings import Environment

POSTGRES = "postgresql://vitrine@db/vitrine"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VITRINE_DATABASE_URL", "VITRINE_OBJECTS"):
        monkeypatch.delenv(name, raising=False)


def node(address: str, cpu: float = 4.0, alive: bool = True) -> dict[str, Any]:
    resources = {"memory": 1e9} | ({"CPU": cpu} if cpu else {})
    return {"NodeManagerAddress": address, "Alive": alive, "Resources": resources}


TWO = [node("10.0.0.1"), node("10.0.0.2")]


@pytest.mark.parametrize("url", [None, "sqlite:////mnt/shared/vitrine.sqlite"])
def test_sqlite_is_refused_on_two_nodes(url: str | None) -> None:
    environment = Environment(database_url=url, objects="s3://bucket/prefix")
    with pytest.raises(StoreError, match=r"2 nodes \(10.0.0.1, 10.0.0.2\).*set VITRINE_DATABASE_URL to postgresql://"):
        check(environment, TWO)


def test_pictures_in_the_data_folder_are_refused_on_two_nodes() -> None:
    with pytest.raises(StoreError, match=r"set VITRINE_OBJECTS to s3://"):
        check(Environment(database_url=POSTGRES), TWO)
    check(Environment(database_url=POSTGRES, objects="s3://bucket/prefix"), TWO)
    check(Environment(database_url=POSTGRES, objects="/mnt/shared"), TWO)


@pytest.mark.parametrize(
    "second",
    [node("10.0.0.2", alive=False), node("10.0.0.2", cpu=0), node("10.0.0.1")],
    ids=["dead", "a head without CPU", "the same machine"],
)
def test_sqlite_serves_one_machine_whatever_else_the_cluster_lists(second: dict[str, Any]) -> None:
    check(Environment(), [node("10.0.0.1"), second])
