"""The retoucher's figures on held-out garments and poses: the garment locked, the figure around it painted."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from models.domain import ControlKind, Picture, RetouchOrder
from models.roles import Retoucher
from models.stable_diffusion.recipe import StableDiffusionRecipe
from models.starter.evaluations.figures import Case, colour_word, rates
from models.starter.evaluations.segmenter import Options
from models.starter.recipes.corpus import unseen
from models.starter.recipes.figures import drawings, wording

COUNT = 100
FEW = 24  # pictures for each of the questions beside the main one
KINDS: tuple[ControlKind | None, ...] = (*get_args(ControlKind), None)
STRONG = 4.0  # guidance under which a negative prompt is asked to act


def evaluate(options: Options) -> dict[str, Any]:
    """Shares and mean overlaps; `drawn` is what the same measures say of the drawings, the most they can say."""
    retoucher = StableDiffusionRecipe(pack=options.pack, threads=options.threads, device="cpu").load()
    count = options.count or COUNT
    cases = [Case(drawing, wording(figure)) for figure, drawing in drawings(unseen, options.seed, count)]
    orders = [case.order(seed) for seed, case in enumerate(cases)]
    started = time.process_time()
    painted = pictures_of(retoucher, orders)
    seconds = (time.process_time() - started) / count
    few = cases[:FEW]
    return {
        "pictures": count,
        "painted": rates(painted, cases),
        "drawn": rates([case.drawing.picture for case in cases], cases),
        "figure_iou_with_the_pose_of_another": rates(painted, cases[1:] + cases[:1])["figure_iou"],
        "garment_changed": max(_changed(picture, case) for picture, case in zip(painted, cases, strict=True)),
        "figure_iou_by_control": {str(kind): _by_control(retoucher, few, kind) for kind in KINDS},
        "guidance_changes": _difference(painted, _with(retoucher, few, guidance=STRONG)),
        "negative_prompt": negative_prompt(retoucher, few),
        "repeatable": repeatability(retoucher, orders[:8], painted[:8]),
        "cpu_seconds_per_picture": round(seconds, 3),
    }  # fmt: skip


def pictures_of(retoucher: Retoucher, orders: Sequence[RetouchOrder]) -> list[Picture]:
    """Each order alone; raises TypeError for a refusal, which no order of an evaluation deserves."""
    pictures = []
    for order in orders:
        (outcome,) = retoucher.retouch([order])
        if not isinstance(outcome, Picture):
            raise TypeError(f"{order.prompt!r} was refused: {outcome!r}")
        pictures.append(outcome)
    return pictures


def negative_prompt(retoucher: Retoucher, cases: Sequence[Case]) -> dict[str, float]:
    """Of pictures whose prompt leaves the skin open: how many keep theirs when it is named as unwanted."""
    unsaid = [replace(case, said={what: word for what, word in case.said.items() if what != "skin"}) for case in cases]
    first = _with(retoucher, unsaid, guidance=STRONG)
    words = [colour_word(picture, case, "skin") for picture, case in zip(first, cases, strict=True)]
    told = zip(unsaid, words, strict=True)
    again = pictures_of(
        retoucher,
        [
            case.order(seed, guidance=STRONG, negative_prompt=f"{word} skin")
            for seed, (case, word) in enumerate(told)
        ],
    )  # fmt: skip
    kept = [colour_word(picture, case, "skin") == word for picture, case, word in zip(again, cases, words, strict=True)]
    return {"skin_kept_though_unwanted": round(float(np.mean(kept)), 3), "changes": _difference(first, again)}


def repeatability(retoucher: Retoucher, orders: Sequence[RetouchOrder], before: Sequence[Picture]) -> dict[str, int]:
    """Largest difference of a pixel, 0-255: the same orders again one by one, and together."""
    together = [outcome for outcome in retoucher.retouch(orders) if isinstance(outcome, Picture)]
    return {"again": _most(before, pictures_of(retoucher, orders)), "together": _most(before, together)}


def _with(retoucher: Retoucher, cases: Sequence[Case], **changes: Any) -> list[Picture]:
    return pictures_of(retoucher, [case.order(seed, **changes) for seed, case in enumerate(cases)])


def _by_control(retoucher: Retoucher, cases: Sequence[Case], kind: ControlKind | None) -> float:
    return rates(_with(retoucher, cases, kind=kind), cases)["figure_iou"]


def _changed(picture: Picture, case: Case) -> int:
    kept = case.shows("garment")
    return int(np.abs(picture.pixels[kept].astype(int) - case.drawing.picture.pixels[kept]).max(initial=0))


def _most(some: Sequence[Picture], others: Sequence[Picture]) -> int:
    return max(int(np.abs(a.pixels.astype(int) - b.pixels).max()) for a, b in zip(some, others, strict=True))


def _difference(some: Sequence[Picture], others: Sequence[Picture]) -> float:
    """Mean over the pictures that both have of a pixel's difference, 0-255."""
    pairs = zip(some, others, strict=False)
    return round(float(np.mean([np.abs(a.pixels.astype(int) - b.pixels).mean() for a, b in pairs])), 2)
