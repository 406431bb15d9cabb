"""One prompt, n pictures: what is drawn is what the caller wrote, without listing, ledger or verdict."""

import asyncio
from dataclasses import dataclass

from models.domain import Edit, Picture, Pixels, Refusal, RenderOrder, WeightedAdapter
from serve_app.catalogue.framing import fitted, resized, resized_mask
from serve_app.stories.candidates import candidate_seed
from serve_app.stories.house import House
from serve_app.stories.steps import Steps

REWORKED = 0.75  # how much of a picture is drawn anew where no mask says what may change: three steps of four


@dataclass(frozen=True)
class Original:
    """What an edit changes: the first of `pictures`; the others show how the changed place is to look. `mask`: uint8
    (height, width) of the first one, 255 where it may change; None: the whole picture is reworked."""

    pictures: tuple[Picture, ...]
    mask: Pixels | None = None
    strength: float | None = None


@dataclass(frozen=True)
class ImageOrder:
    """`size` is (width, height) in pixels, None the pack's own, for an edit the original's; the first picture has the
    seed, the others follow; `adapter` as `house.adapters_of` reads it."""

    prompt: str
    count: int = 1
    seed: int = 0
    size: tuple[int, int] | None = None
    adapter: str | None = None
    original: Original | None = None


async def draw(order: ImageOrder, steps: Steps, house: House) -> list[Picture | Refusal]:
    """A picture or a refusal per seed, in order."""
    adapters = house.chosen(order.adapter)
    if isinstance(adapters, Refusal):
        return [adapters]
    renders = await asyncio.to_thread(_renders, order, adapters, house)
    drawn = await asyncio.gather(*(steps.render(render) for render in renders))
    if order.original is None or order.size is not None:
        return list(drawn)
    return list(await asyncio.gather(*(asyncio.to_thread(_returned, one, order.original) for one in drawn)))


def _renders(order: ImageOrder, adapters: tuple[WeightedAdapter, ...], house: House) -> list[RenderOrder]:
    prompt = house.prompted(order.prompt, adapters)
    original = order.original
    width, height = order.size or (house.size if original is None else fitted(original.pictures[0].size, house.size))
    edits = [None] * order.count if original is None else _edits(original, (width, height), order.count)
    return [
        RenderOrder(prompt, candidate_seed(order.seed, number), width, height, adapters=adapters, edit=edit)
        for number, edit in enumerate(edits)
    ]


def _edits(original: Original, size: tuple[int, int], count: int) -> list[Edit]:
    """An edit per picture that is drawn: each takes another of the further pictures to start from."""
    first, *others = original.pictures
    strength = original.strength or (REWORKED if original.mask is None or others else 1.0)
    picture, mask = resized(first, size), None if original.mask is None else resized_mask(original.mask, size)
    starts: list[Picture | None] = [resized(other, size) for other in others[:count]] or [None]
    return [Edit(picture, strength, mask, starts[number % len(starts)]) for number in range(count)]


def _returned(drawn: Picture | Refusal, original: Original) -> Picture | Refusal:
    """At the original's own size, and with its own pixels wherever the mask did not allow a change."""
    if isinstance(drawn, Refusal) or original.mask is None:
        return drawn
    first = original.pictures[0]
    pixels = resized(drawn, first.size).pixels.copy()
    kept = original.mask < 128
    pixels[kept] = first.pixels[kept]
    return Picture(pixels)
