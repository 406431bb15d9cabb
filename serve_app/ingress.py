"""The ingress behind HTTP: handles become the story's steps. CPU only, stateless beside the store."""

from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.serve.handle import DeploymentHandle

from models.domain import (
    Attributes,
    ExtractionOrder,
    Mask,
    Picture,
    Refusal,
    RenderOrder,
    ScoreOrder,
    SegmentOrder,
)
from serve_app.api.app import create_app
from serve_app.calls import Line
from serve_app.conductor import Conductor
from serve_app.fleet import Fleet
from serve_app.jobs.store import Store
from serve_app.settings import Settings, home_of
from serve_app.stories.steps import Steps

# Bytes of pixels up to which a call carries them itself (gRPC, 1.7 ms at 0.4 MB); above, shared memory is faster (5 ms
# against 22 ms at 3 MB) and 4 MiB is the end for gRPC. Measured on two cores.
SMALL = 1024**2
ARTICLES = 64  # articles in work or waiting for a stage; each holds a few pictures of a megabyte at most


class Ingress:
    """The FastAPI application over the conductor of this replica."""

    def __init__(self, settings: Settings, **handles: DeploymentHandle[Any]) -> None:
        self._conductor = conductor(settings, handles)

    def __serve_build_asgi_app__(self) -> FastAPI:
        return create_app(self._conductor)


def conductor(settings: Settings, handles: dict[str, DeploymentHandle[Any]]) -> Conductor:
    """The conductor of a process: steps over the handles, the fleet they reach, the store in the data folder."""
    lines = {role: Line(role, settings.stage_tries, settings.stage_timeout_s) for role in handles}
    fleet = Fleet({role: (lines[role], handle.about.remote) for role, handle in handles.items()})
    return Conductor(steps(handles, lines), fleet, Store.open(home_of(settings)))


def steps(handles: dict[str, DeploymentHandle[Any]], lines: dict[str, Line]) -> Steps:
    """The five stages as the story awaits them."""
    by_value = {role: handle.options(_by_reference=False) for role, handle in handles.items()}
    by_reference = {role: handle.options(_by_reference=True) for role, handle in handles.items()}

    def carrier(role: str, width: int, height: int) -> DeploymentHandle[Any]:
        return (by_value if 3 * width * height <= SMALL else by_reference)[role]

    async def translate(source: str) -> str | Refusal:
        return await lines["translator"].ask(lambda: by_value["translator"].translate.remote(source))

    async def extract(order: ExtractionOrder) -> Attributes | Refusal:
        return await lines["extractor"].ask(lambda: by_value["extractor"].extract.remote(order))

    async def render(order: RenderOrder) -> Picture | Refusal:
        renderer = carrier("renderer", order.width, order.height)
        return await lines["renderer"].ask(lambda: renderer.render.remote(order))

    async def score(order: ScoreOrder) -> tuple[float, ...] | Refusal:
        scorer = carrier("scorer", *order.picture.size)
        return await lines["scorer"].ask(lambda: scorer.score.remote(order))

    async def segment(order: SegmentOrder) -> Mask | Refusal:
        segmenter = carrier("segmenter", *order.picture.size)
        return await lines["segmenter"].ask(lambda: segmenter.segment.remote(order))

    return Steps(translate=translate, extract=extract, render=render, score=score, segment=segment)


deployment = serve.deployment(
    name="ingress",
    max_ongoing_requests=2 * ARTICLES,  # half of them may be reads, which no stage answers
    max_queued_requests=ARTICLES,  # per proxy; beyond it the client hears at once that it is too much
    backpressure_config={"status_code": 429, "retry_after_s": 5},
    graceful_shutdown_timeout_s=360,  # above stage_timeout_s: an accepted article is finished
    health_check_period_s=5,
    health_check_timeout_s=30,
)(serve.ingress()(Ingress))
