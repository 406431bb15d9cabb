"""The scorer's figures on combinations that it never saw: one attribute wrong, and one right caption among 300."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from models.clip.recipe import ClipRecipe
from models.domain import Picture, Refusal, ScoreOrder
from models.starter.captions import scoring_caption
from models.starter.drawing import Garment, draw
from models.starter.recipes.corpus import unseen
from models.starter.recipes.negatives import ATTRIBUTES, distance, rivals, wrong

COUNT = 300  # also the captions that compete in the retrieval figure
NEIGHBOUR = 12.0  # CIEDE2000; swatches nearer than this are neighbours (navy and dark blue)


class Options(Protocol):
    """Which pack is judged, on how many drawings of which seed."""

    @property
    def pack(self) -> Any: ...
    @property
    def seed(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def count(self) -> int | None: ...


def evaluate(options: Options) -> dict[str, Any]:
    """`wins`: share of wrong captions that score below the right one; `best`: the right one leads all of its rivals."""
    scorer = ClipRecipe(pack=options.pack, threads=options.threads).load()
    rng = np.random.default_rng(options.seed)
    garments = [unseen(rng) for _ in range(options.count or COUNT)]
    pictures = [draw(garment, rng).picture for garment in garments]
    outcomes: dict[str, list[list[bool]]] = defaultdict(list)
    for garment, picture in zip(garments, pictures, strict=True):
        for name, won in _duels(scorer, garment, picture).items():
            outcomes[name].append(won)
    figures: dict[str, Any] = {"pictures": len(garments)}
    for name, rows in sorted(outcomes.items()):
        figures[name] = {
            "wins": round(float(np.mean([won for row in rows for won in row])), 4),
            "best": round(float(np.mean([all(row) for row in rows])), 4),
            "n": sum(map(len, rows)),
        }
    return figures | _retrieval(scorer, garments, pictures)


def _duels(scorer: Any, garment: Garment, picture: Picture) -> dict[str, list[bool]]:
    """Per attribute, whether the right caption beat each wrong one."""
    right = _caption(garment)
    said = {
        (name, value): _caption(wrong(garment, name, value)) for name in ATTRIBUTES for value in rivals(garment, name)
    }
    texts = tuple(dict.fromkeys([right, *said.values()]))
    scores = dict(zip(texts, _scores(scorer, picture, texts), strict=True))
    results: dict[str, list[bool]] = defaultdict(list)
    for (name, value), text in said.items():
        if text == right:
            continue
        won = scores[right] > scores[text]
        results[name].append(won)
        if name == "colour":
            near = distance(garment.base, value) < NEIGHBOUR
            results["colour, neighbours" if near else "colour, others"].append(won)
    return results


def _retrieval(scorer: Any, garments: Sequence[Garment], pictures: Sequence[Picture]) -> dict[str, float]:
    """Recall at 1 of pictures against all captions; equal captions count as right."""
    captions = [_caption(garment) for garment in garments]
    distinct = tuple(dict.fromkeys(captions))
    rows = scorer.score([ScoreOrder(picture, distinct) for picture in pictures])
    hits = [distinct[int(np.argmax(row))] == caption for row, caption in zip(rows, captions, strict=True)]
    own = [row[distinct.index(caption)] for row, caption in zip(rows, captions, strict=True)]
    return {"recall_at_1": round(float(np.mean(hits)), 4), "mean_score": round(float(np.mean(own)), 1)}


def _scores(scorer: Any, picture: Picture, texts: tuple[str, ...]) -> tuple[float, ...]:
    outcome: tuple[float, ...] | Refusal = scorer.score([ScoreOrder(picture, texts)])[0]
    if isinstance(outcome, Refusal):
        raise TypeError(f"the scorer refused a drawing: {outcome}")
    return outcome


def _caption(garment: Garment) -> str:
    return scoring_caption(garment, np.random.default_rng(0))
