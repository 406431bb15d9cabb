"""Whether company changes a picture: random mixes through the step scheduler against each order alone, and against
diffusers' FluxPipeline with peft's adapters.

    python -m loadtests.parity [--mixes 200] [--families 8] [--seed 0]

A mix has 2 to 8 requests of two families (random size and adapters) with prompts, seeds and steps of their own. They
join at random steps, and some leave again.
Prints a table and, as the last line, one JSON document. All differences are levels of 255, the largest of any pixel.
"""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch
from diffusers import FluxPipeline

from loadtests.place import place
from models.checkpoint import STARTER_PACK
from models.domain import Picture, Pixels, RenderOrder, WeightedAdapter
from models.flux.adapter import FluxRenderer
from models.flux.latents import Frame
from models.flux.recipe import FluxRecipe
from models.manifest import Manifest
from models.rendering import render
from models.step_scheduler import StepScheduler

PART = Manifest.read(STARTER_PACK / "manifest.toml").parts["renderer"]
SIDES = (128, 192, 256)  # every pair of them: pictures of few tokens and of many
PROMPT = "catalogue photo of a {} {}, {}, laid flat, centred, on a pure white background"
WORDS = (("men's", "women's", "boys'"), ("t-shirt", "shirt", "dress", "trousers"), ("red", "navy", "olive, striped"))
MEMBERS = 6  # orders of a family
TOLERANCE = 1  # levels of 255; what is published


def family(rng: random.Random, number: int) -> list[RenderOrder]:
    """Orders of one random size and set of adapters, all different by their seeds."""
    names = rng.sample(sorted(PART.adapters), rng.choice((0, 1, 1, 2)))
    adapters = tuple(WeightedAdapter(name, rng.choice((0.4, 0.7, 1.0))) for name in names)
    sides = rng.choice(SIDES), rng.choice(SIDES)
    prompts = [PROMPT.format(*(rng.choice(words) for words in WORDS)) for _ in range(MEMBERS)]
    return [
        RenderOrder(prompt, MEMBERS * number + member, *sides, adapters=adapters, steps=rng.choice((1, 2, 4, 4, 4, 6)))
        for member, prompt in enumerate(prompts)
    ]


def alone(renderer: FluxRenderer, asked: Sequence[RenderOrder]) -> list[Pixels]:
    """Each drawn with nothing beside it."""
    drawn = [render(renderer, [order])[0] for order in asked]
    return [one.pixels for one in drawn if isinstance(one, Picture)]


def stock(renderer: FluxRenderer, asked: Sequence[RenderOrder]) -> list[Pixels]:
    """Each as FluxPipeline draws it from the same noise."""
    pipeline: Any = FluxPipeline.from_pretrained(STARTER_PACK / PART.path, torch_dtype=torch.float32)
    for name, entry in PART.adapters.items():
        file = STARTER_PACK / entry.path
        pipeline.load_lora_weights(file.parent, weight_name=file.name, adapter_name=name)
    pipeline.set_progress_bar_config(disable=True)
    return [_stock(pipeline, renderer, order) for order in asked]


def _stock(pipeline: Any, renderer: FluxRenderer, order: RenderOrder) -> Pixels:
    frame = Frame(order.width, order.height)
    if order.adapters:
        pipeline.enable_lora()
        pipeline.set_adapters([one.name for one in order.adapters], [one.weight for one in order.adapters])
    else:
        pipeline.disable_lora()
    latents = pipeline(
        order.prompt, height=order.height, width=order.width, num_inference_steps=order.steps, guidance_scale=0.0,
        max_sequence_length=PART.options["max_sequence_length"], output_type="latent",
        latents=renderer._latents.noise(order.seed, frame),
    ).images  # fmt: skip
    with torch.inference_mode():
        return renderer._latents.decode(latents, frame)[0].pixels


async def mixed(scheduler: StepScheduler, rng: random.Random, asked: Sequence[RenderOrder]) -> list[Pixels | None]:
    """What the scheduler draws of a mix; None for those that left."""
    began, drawing = scheduler.work.steps, 0

    async def one(order: RenderOrder, joins: int, leaves: bool) -> Pixels | None:
        nonlocal drawing
        while drawing and scheduler.work.steps < began + joins:
            await asyncio.sleep(0.001)
        drawing += 1
        try:
            drawn = await asyncio.wait_for(scheduler.draw(order), rng.uniform(0.0, 0.3) if leaves else None)
        except TimeoutError:
            return None
        finally:
            drawing -= 1
        assert isinstance(drawn, Picture), drawn
        return drawn.pixels

    return await asyncio.gather(*(one(order, rng.randint(0, 8), rng.random() < 0.1) for order in asked))


def difference(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


async def compared(renderer: FluxRenderer, mixes: int, families: int, seed: int) -> dict[str, Any]:
    """The figures."""
    rng, scheduler = random.Random(seed), StepScheduler(renderer)
    pool = [family(rng, number) for number in range(families)]
    asked = list(chain(*pool))
    expected = dict(zip(asked, alone(renderer, asked), strict=True))
    against_stock = [difference(a, b) for a, b in zip(expected.values(), stock(renderer, asked), strict=True)]
    levels: Counter[int] = Counter()
    left = 0
    for _ in range(mixes):
        mix = rng.sample(list(chain(*rng.sample(pool, 2))), rng.randint(2, 8))
        for order, drawn in zip(mix, await mixed(scheduler, rng, mix), strict=True):
            left += drawn is None
            if drawn is not None:
                levels[difference(drawn, expected[order])] += 1
    return {
        "mixes": mixes,
        "orders": len(asked),
        "pictures": levels.total(),
        "left": left,
        "against_pipeline": max(against_stock),
        "against_alone": max(levels),
        "differing": 1 - levels[0] / levels.total(),
        "steps": scheduler.work.steps,
        "per_step": scheduler.work.places / scheduler.work.steps,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mixes", type=int, default=200)
    parser.add_argument("--families", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.perf_counter()
    figures = asyncio.run(compared(FluxRecipe(device="cpu").load(), given.mixes, given.families, given.seed))
    figures = {name: round(value, 3) for name, value in figures.items()}
    for name, value in figures.items():
        print(f"{name:<18} {value}")
    seconds = round(time.perf_counter() - began, 1)
    print(json.dumps({"benchmark": "parity", **figures, "tolerance": TOLERANCE, "seconds": seconds, **place()}))


if __name__ == "__main__":
    main()
