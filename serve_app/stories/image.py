"""One prompt, n pictures: what is drawn is what the caller wrote, without listing, ledger or verdict."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from models.domain import Edit, Picture, Refusal, RenderOrder
from serve_app.catalogue.framing import fitted, resized, resized_mask
from serve_app.stories.candidates import candidate_seed
from serve_app.stories.house import House
from serve_app.stories.original import Original, returned
from serve_app.stories.retouching import Retouch, retouches
from serve_app.stories.steps import Steps

REWORKED = 0.75  # how much of a picture is drawn anew where no mask says what may change: three steps of four


@dataclass(frozen=True)
class ImageOrder:
    """`size` is (width, height) in pixels, None the pack's own, for an edit the original's; the first picture has the
    seed, the others follow; `adapter` as `house.adapters_of` reads it. `retouch`: an edit by the retoucher."""

    prompt: str
    count: int = 1
    seed: int = 0
    size: tuple[int, int] | None = None
    adapter: str | None = None
    original: Original | None = None
    retouch: Retouch | None = None


async def draw(order: ImageOrder, steps: Steps, house: House) -> list[Picture | Refusal]:
    """A picture or a refusal per seed, in order."""
    drawn = await _drawn(order, steps, house)
    if isinstance(drawn, Refusal):
        return [drawn]
    if order.original is None or order.size is not None:
        return drawn
    return list(await asyncio.gather(*(asyncio.to_thread(returned, one, order.original) for one in drawn)))


async def _drawn(order: ImageOrder, steps: Steps, house: House) -> list[Picture | Refusal] | Refusal:
    seeds = [candidate_seed(order.seed, number) for number in range(order.count)]
    original = order.original
    size = order.size or (house.size if original is None else fitted(original.pictures[0].size, house.size))
    if order.retouch is not None and original is not None:
        painted = await asyncio.to_thread(retouches, order.retouch, order.prompt, original, seeds, size)
        if isinstance(painted, Refusal):
            return painted
        return list(await asyncio.gather(*(steps.retouch(one) for one in painted)))
    adapters = house.chosen(order.adapter)
    if isinstance(adapters, Refusal):
        return adapters
    prompt = house.prompted(order.prompt, adapters)
    edits = await asyncio.to_thread(_edits, original, size, order.count)
    renders = [
        RenderOrder(prompt, seed, *size, adapters=adapters, edit=edit) for seed, edit in zip(seeds, edits, strict=True)
    ]
    return list(await asyncio.gather(*(steps.render(render) for render in renders)))


def _edits(original: Original | None, size: tuple[int, int], count: int) -> Sequence[Edit | None]:
    """An edit per picture that is drawn: each takes another of the further pictures to start from."""
    if original is None:
        return [None] * count
    first, *others = original.pictures
    strength = original.strength or (REWORKED if original.mask is None or others else 1.0)
    picture, mask = resized(first, size), None if original.mask is None else resized_mask(original.mask, size)
    starts: list[Picture | None] = [resized(other, size) for other in others[:count]] or [None]
    return [Edit(picture, strength, mask, starts[number % len(starts)]) for number in range(count)]
