"""The graph in Serve's local testing mode: same wiring, no Ray; doubles unbatched, as batching does not work there."""

import asyncio
import functools
import sys
from pathlib import Path
from subprocess import run
from typing import Any

import numpy as np
import pytest
from bench import ROLES, SHIRT
from ray import serve

from models.domain import Picture, Refusal
from models.recipes import about, recipe_of
from models.rendering import render
from serve_app import graph
from serve_app.calls import Line
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.record import Record
from serve_app.conductor.performer import Performer
from serve_app.conductor.stages import Owner
from serve_app.conductor.steps import steps
from serve_app.fleet import Fleet
from serve_app.graph import wired
from serve_app.serve_config import deployments_of
from serve_app.settings import Settings, open_store
from serve_app.stories.article import Options

VERBS = {"translator": "translate", "extractor": "extract", "renderer": "render", "scorer": "score"}
VERBS |= {"segmenter": "segment", "retoucher": "retouch"}


def unbatched(role: Any) -> Any:
    """A deployment of a role's double that takes one order at a time."""

    async def one(self: Any, order: Any, *_with_it: Any) -> Any:
        model = recipe_of(role, {"kind": "double"}).load()  # type: ignore[attr-defined]
        verb = functools.partial(render, model) if role == "renderer" else getattr(model, VERBS[role])
        return (await asyncio.to_thread(verb, [order]))[0]

    async def facts(self: Any) -> dict[str, Any]:
        return about(role, {"kind": "double"})

    return serve.deployment(name=role)(type("Unbatched", (), {VERBS[role]: one, "about": facts}))


class Conducting:
    """A conductor without a queue."""

    def __init__(self, settings: Settings, **handles: Any) -> None:
        lines = {role: Line(role, settings.stage_tries, settings.stage_timeout_s) for role in handles}
        fleet = Fleet({role: (lines[role], handle.about.remote) for role, handle in handles.items()})
        self._performer = Performer(steps(handles, lines), fleet, open_store(settings))

    async def article(self, listing: Listing, options: Options) -> list[Record]:
        return await self._performer.article(Owner("local", "job_1"), listing, options)


class Desk:
    """An ingress without HTTP."""

    def __init__(self, settings: Settings, conductor: Any) -> None:
        self._conductor = conductor

    async def article(self, listing: Listing, options: Options) -> list[Record]:
        records: list[Record] = await self._conductor.article.remote(listing, options)
        return records


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    settings = Settings(home=tmp_path, stage_timeout_s=20)
    application = wired(
        settings,
        ingress=serve.deployment(name="ingress")(Desk),
        conductor=serve.deployment(name="conductor")(Conducting),
        **{role: unbatched(role) for role in ROLES},
    )
    return serve.run(application, name="local", route_prefix=None, _local_testing_mode=True)


async def test_an_article_passes_all_five_stages(desk: Any) -> None:
    (record,) = await desk.article.remote(Listing(**SHIRT), Options(candidates=2, cascade=False, pictures=2))
    assert record.status == "succeeded", record
    assert record.clip_score > 20
    assert len(record.candidates) == 2
    assert {"translate", "extract", "render", "score", "segment"} <= set(record.timings)
    assert set(record.models) == set(ROLES)


def test_the_graph_binds_one_deployment_per_role() -> None:
    assert set(deployments_of(graph.build(Settings()))) == {"ingress", "conductor", *ROLES}


def test_an_optional_model_is_bound_where_it_is_named() -> None:
    assert "upscaler" in deployments_of(graph.build(Settings(optional=("upscaler",))))


async def test_without_an_upscaler_nothing_is_enlarged() -> None:
    answer = await steps({}, {}).enlarge(Picture(np.zeros((8, 8, 3), np.uint8)))
    assert isinstance(answer, Refusal)
    assert answer.code == "no_upscaler"


def test_importing_the_graph_leaves_torch_alone() -> None:
    code = "import sys, serve_app.graph; print('torch' in sys.modules)"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
