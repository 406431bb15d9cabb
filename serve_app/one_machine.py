"""A store that serves one machine is refused where Ray could place its users on several."""

from collections.abc import Sequence
from typing import Any

import ray

from serve_app.jobs.database import StoreError, is_sqlite
from serve_app.jobs.store import Store
from serve_app.settings import Environment, Settings, open_store


def open_cluster_store(settings: Settings) -> Store:
    """`open_store` in a replica; raises StoreError when the store cannot serve every node of the cluster."""
    check(Environment(), ray.nodes())
    return open_store(settings)


def check(environment: Environment, nodes: Sequence[dict[str, Any]]) -> None:
    """`nodes` as Ray tells of them; a node without CPU, such as a mere head, takes no replica that opens the store."""
    places = sorted(
        {node["NodeManagerAddress"] for node in nodes if node["Alive"] and node["Resources"].get("CPU", 0) > 0}
    )
    if len(places) < 2:
        return
    where = f"replicas may run on {len(places)} nodes ({', '.join(places[:5])})"
    if environment.database_url is None or is_sqlite(environment.database_url):
        raise StoreError(
            f"{where}, and SQLite serves one machine: set VITRINE_DATABASE_URL to postgresql://user:password@host/name"
        )
    if environment.objects is None:
        raise StoreError(
            f"{where}, and pictures in the data folder serve one machine: set VITRINE_OBJECTS to s3://bucket/prefix, "
            "gs://..., az://..., or a folder that all nodes share"
        )
