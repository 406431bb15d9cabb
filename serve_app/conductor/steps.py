"""The models' handles as the story's steps: small things travel by value, pictures by reference."""

import asyncio
from typing import Any

from ray.serve.handle import DeploymentHandle

from models.domain import (
    Attributes,
    ExtractionOrder,
    Mask,
    Picture,
    Preview,
    ReadOrder,
    Refusal,
    RenderOrder,
    RetouchOrder,
    ScoreOrder,
    SegmentOrder,
    Step,
    TextLine,
    Watch,
)
from models.telemetry.ids import Sender
from serve_app.calls import Line
from serve_app.stories.steps import Steps

# Bytes of pixels up to which a call carries them itself (gRPC, 1.7 ms at 0.4 MB); above, shared memory is faster (5 ms
# against 22 ms at 3 MB) and 4 MiB is the end for gRPC. Measured on two cores.
SMALL = 1024**2
GRACE_S = 1.0  # after which a picture that nobody waits for any more leaves its device, had a cancel been lost


def steps(handles: dict[str, DeploymentHandle[Any]], lines: dict[str, Line]) -> Steps:
    """The stages as the stories await them."""
    by_value = {role: handle.options(_by_reference=False) for role, handle in handles.items()}
    by_reference = {role: handle.options(_by_reference=True) for role, handle in handles.items()}

    def carrier(role: str, width: int, height: int) -> DeploymentHandle[Any]:
        return (by_value if 3 * width * height <= SMALL else by_reference)[role]

    async def translate(source: str) -> str | Refusal:
        return await lines["translator"].ask(lambda: by_value["translator"].translate.remote(source, Sender.here()))

    async def extract(order: ExtractionOrder) -> Attributes | Refusal:
        return await lines["extractor"].ask(lambda: by_value["extractor"].extract.remote(order, Sender.here()))

    async def render(order: RenderOrder, watch: Watch | None = None) -> Picture | Refusal:
        renderer, line = carrier("renderer", order.width, order.height), lines["renderer"]
        if order.adapters:  # goes where they are on the device already, if it can
            renderer = renderer.options(multiplexed_model_id="+".join(one.name for one in order.adapters))
        within_s = line.timeout_s + GRACE_S
        if watch is None:
            return await line.ask(lambda: renderer.render.remote(order, within_s, Sender.here()))
        drawing = renderer.options(stream=True)
        return await line.ask(
            lambda: _watched(drawing.draw.remote(order, watch.previews, within_s, Sender.here()), watch)
        )

    async def score(order: ScoreOrder) -> tuple[float, ...] | Refusal:
        scorer = carrier("scorer", *order.picture.size)
        return await lines["scorer"].ask(lambda: scorer.score.remote(order, Sender.here()))

    async def segment(order: SegmentOrder) -> Mask | Refusal:
        segmenter = carrier("segmenter", *order.picture.size)
        return await lines["segmenter"].ask(lambda: segmenter.segment.remote(order, Sender.here()))

    async def retouch(order: RetouchOrder) -> Picture | Refusal:
        retoucher = carrier("retoucher", *order.picture.size)
        return await lines["retoucher"].ask(lambda: retoucher.retouch.remote(order, Sender.here()))

    async def enlarge(picture: Picture) -> Picture | Refusal:
        upscaler = carrier("upscaler", *picture.size)
        return await lines["upscaler"].ask(lambda: upscaler.upscale.remote(picture, Sender.here()))

    async def read(order: ReadOrder) -> tuple[TextLine, ...] | Refusal:
        reader = carrier("reader", *order.picture.size)
        return await lines["reader"].ask(lambda: reader.read.remote(order, Sender.here()))

    further: dict[str, Any] = {"upscaler": ("enlarge", enlarge), "reader": ("read", read)}
    optional = dict(step for role, step in further.items() if role in handles)
    return Steps(translate, extract, render, score, segment, retouch, **optional)


async def _watched(said: Any, watch: Watch) -> Picture | Refusal:
    """The outcome at the end of a stream; what comes before it is for those who look on."""
    try:
        async for one in said:
            if isinstance(one, Step | Preview):
                watch.hear(one)
            else:
                outcome: Picture | Refusal = one
    except asyncio.CancelledError:
        said.cancel()
        raise
    return outcome
