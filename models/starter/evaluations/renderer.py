"""The renderer's figures on captions of combinations it never saw: type, colour, pattern, corners, repeatability."""

import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes
from skimage.color import deltaE_ciede2000, rgb2lab

from models.domain import Picture, RenderOrder, WeightedAdapter
from models.flux.numbers import FluxNumbers
from models.flux.recipe import FluxRecipe
from models.manifest import Manifest
from models.rendering import render
from models.roles import Renderer
from models.starter.captions import generation_caption
from models.starter.drawing import Garment, draw
from models.starter.evaluations.segmenter import Options
from models.starter.judge import Judge, expected
from models.starter.recipes.corpus import unseen
from models.vocabulary import vocabulary

COUNT = 300
NEAR = 12.0  # CIEDE2000 to the swatch; neighbouring shades of the vocabulary lie 10-20 apart
SHARE = 0.2  # of the garment that shows the base colour, next to stripes, checks and prints
BACKGROUND = 10  # levels a pixel may differ from pure white and count as background
WHITE_CORNER = 250
CORNER = 16  # pixels
ASKED = ("type", "pattern", "sleeve")


def evaluate(options: Options) -> dict[str, Any]:
    """Rates on rendered pictures and on drawings of the same garments, which are what the measures allow at most."""
    rng = np.random.default_rng(options.seed)
    garments = [replace(unseen(rng), backdrop="white") for _ in range(options.count or COUNT)]
    captions = [generation_caption(garment, rng, vary=False) for garment in garments]
    renderer = FluxRecipe(pack=options.pack, threads=options.threads, device="cpu").load()
    orders = [order_of(caption, seed, options.pack) for seed, caption in enumerate(captions)]
    started = time.process_time()
    rendered = pictures_of(renderer, orders)
    seconds = (time.process_time() - started) / len(orders)
    drawn = [draw(garment, rng).picture for garment in garments]
    return {
        "pictures": len(orders),
        "rendered": rates(rendered, garments),
        "drawn": rates(drawn, garments),
        "confused": confusions(rendered, garments),
        "repeatable": repeatability(renderer, orders[:8], rendered[:8]),
        "cpu_seconds_per_picture": round(seconds, 3),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def order_of(caption: str, seed: int, pack: Path, adapter: str | None = None) -> RenderOrder:
    """An order of the pack's own size."""
    numbers = FluxNumbers.model_validate(Manifest.read(pack / "manifest.toml").parts["renderer"].options)
    chosen = () if adapter is None else (WeightedAdapter(adapter),)
    return RenderOrder(caption, seed, numbers.width, numbers.height, adapters=chosen)


def pictures_of(renderer: Renderer[Any], orders: Sequence[RenderOrder]) -> list[Picture]:
    """Each order rendered alone; raises TypeError for a refusal, which no order of an evaluation deserves."""
    pictures = []
    for order in orders:
        outcome = render(renderer, [order])[0]
        if not isinstance(outcome, Picture):
            raise TypeError(f"{order!r} was refused: {outcome!r}")
        pictures.append(outcome)
    return pictures


def rates(pictures: Sequence[Picture], garments: Sequence[Garment]) -> dict[str, float]:
    """Shares of pictures that show what was asked for."""
    verdicts = Judge.load().judge(pictures)
    pairs = list(zip(verdicts, map(expected, garments), strict=True))
    right = {name: [getattr(said, name) == getattr(wanted, name) for said, wanted in pairs] for name in ASKED}
    right["colour"] = [shows(picture, garment.base) for picture, garment in zip(pictures, garments, strict=True)]
    right["white corners"] = [white_corners(picture) for picture in pictures]
    return {name: round(float(np.mean(found)), 4) for name, found in right.items()}


def confusions(pictures: Sequence[Picture], garments: Sequence[Garment]) -> dict[str, int]:
    """What is drawn wrong most often."""
    counted: Counter[str] = Counter()
    for said, garment in zip(Judge.load().judge(pictures), garments, strict=True):
        wanted = expected(garment)
        counted.update(
            f"{name}: {getattr(wanted, name)} read as {getattr(said, name)}"
            for name in ASKED
            if getattr(said, name) != getattr(wanted, name)
        )
    return dict(counted.most_common(8))


def garment_mask(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Everything that is not white background, closed outlines filled."""
    mask: NDArray[np.bool_] = binary_fill_holes((255 - pixels.astype(int)).max(-1) > BACKGROUND)
    return mask


def shows(picture: Picture, colour: str) -> bool:
    """Whether the base colour covers enough of the garment."""
    inside = rgb2lab(picture.pixels)[garment_mask(picture.pixels)]
    swatch = rgb2lab(np.array(vocabulary().rgb(colour), float) / 255)
    return bool(len(inside) and (deltaE_ciede2000(inside, swatch[None]) < NEAR).mean() >= SHARE)


def white_corners(picture: Picture) -> bool:
    """All four corners are white without any finishing."""
    edges = (slice(0, CORNER), slice(-CORNER, None))
    return all(int(picture.pixels[rows, columns].min()) >= WHITE_CORNER for rows in edges for columns in edges)


def repeatability(renderer: Renderer[Any], orders: Sequence[RenderOrder], before: Sequence[Picture]) -> dict[str, int]:
    """Largest difference of a pixel, 0-255: the same orders again one by one, and together."""
    again = pictures_of(renderer, orders)
    together = [outcome for outcome in render(renderer, orders) if isinstance(outcome, Picture)]
    return {"again": _difference(before, again), "together": _difference(before, together)}


def _difference(some: Sequence[Picture], others: Sequence[Picture]) -> int:
    return max(
        int(np.abs(a.pixels.astype(int) - b.pixels.astype(int)).max()) for a, b in zip(some, others, strict=True)
    )
