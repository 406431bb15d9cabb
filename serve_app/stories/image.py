"""One prompt, n pictures: what is drawn is what the caller wrote, without listing, ledger or verdict."""

import asyncio
from dataclasses import dataclass

from models.domain import Picture, Refusal, RenderOrder
from serve_app.stories.candidates import candidate_seed
from serve_app.stories.house import House
from serve_app.stories.steps import Steps


@dataclass(frozen=True)
class ImageOrder:
    """`size` is (width, height) in pixels, None the pack's own; the first picture has the seed, the others follow."""

    prompt: str
    count: int = 1
    seed: int = 0
    size: tuple[int, int] | None = None
    adapter: str | None = None


async def draw(order: ImageOrder, steps: Steps, house: House) -> list[Picture | Refusal]:
    """A picture or a refusal per seed, in order."""
    if order.adapter is not None and order.adapter not in house.adapters:
        known = ", ".join(sorted(house.adapters)) or "none"
        return [Refusal("unknown_adapter", f"the renderer holds no adapter {order.adapter!r}; it holds: {known}")]
    trigger = house.adapters[order.adapter].trigger if order.adapter else ""
    prompt = f"{trigger}, {order.prompt}" if trigger else order.prompt
    width, height = order.size or house.size
    renders = (
        RenderOrder(prompt, candidate_seed(order.seed, number), width, height, adapter=order.adapter)
        for number in range(order.count)
    )
    return list(await asyncio.gather(*(steps.render(render) for render in renders)))
