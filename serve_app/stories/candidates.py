"""One candidate: drawn, looked at by the models, finished, judged, and put right where pixels are enough."""

import asyncio
import hashlib
from dataclasses import dataclass, replace

from models.domain import (
    Attributes,
    Edit,
    Mask,
    Picture,
    Refusal,
    RenderOrder,
    ScoreOrder,
    SegmentOrder,
    WeightedAdapter,
)
from models.lettering import Lettered, lettered
from models.questions import answers, captions
from models.telemetry import traces
from serve_app.catalogue.finishing import on_white
from serve_app.catalogue.prompts import Prompts
from serve_app.catalogue.record import Finding
from serve_app.catalogue.remedies import Remedy, stressed
from serve_app.catalogue.repairs import repaired
from serve_app.catalogue.verdict import Evidence, judge, score_of
from serve_app.stories.budget import Spending
from serve_app.stories.house import House
from serve_app.stories.steps import Clock, Steps

# Refusals of an order that the asker can mend.
ORDER_FAULTS = frozenset({"bad_size", "bad_steps", "bad_prompt", "bad_adapters", "no_budget"})


@dataclass(frozen=True)
class Brief:
    """What is to be drawn: prompts, what the listing states, seed of the article, size (width, height) and adapters."""

    prompts: Prompts
    attributes: Attributes
    seed: int
    size: tuple[int, int]
    adapters: tuple[WeightedAdapter, ...]


@dataclass(frozen=True)
class Studio:
    """Where candidates are drawn: the stages, what the models bring, the clock, and what may be spent."""

    steps: Steps
    house: House
    clock: Clock
    spending: Spending


@dataclass(frozen=True)
class Shot:
    """One picture to draw for a brief: its size, what it is to put right, and the picture that it starts from."""

    remedy: Remedy
    size: tuple[int, int]
    edit: Edit | None = None
    draft: bool = False


@dataclass(frozen=True)
class Look:
    """What the models say about one candidate; `scores` per caption."""

    rendered: Picture
    mask: Mask
    scores: dict[str, float]


@dataclass(frozen=True)
class Take:
    """One candidate, finished and judged; `as_drawn`: its score of ten before the `repairs`."""

    look: Look
    picture: Picture
    clip_score: float
    verdict: dict[str, Finding]
    as_drawn: float
    repairs: tuple[str, ...] = ()

    @property
    def failed(self) -> frozenset[str]:
        """Checks that fail."""
        return frozenset(name for name, finding in self.verdict.items() if finding.state == "fail")

    @property
    def score_10(self) -> float:
        return score_of(self.verdict)

    @property
    def rank(self) -> tuple[float, float]:
        """The higher the better."""
        return self.score_10, self.clip_score


def candidate_seed(seed: int, number: int) -> int:
    """The first candidate has the article's seed, the others follow from it; 64 bits."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest()[:8], "big")


async def taken(brief: Brief, shot: Shot, studio: Studio) -> Take | Refusal:
    """Draws, looks and judges; the picture must be booked."""
    order = RenderOrder(
        prompt=brief.prompts.generation,
        negative_prompt=brief.prompts.negative,
        seed=candidate_seed(brief.seed, shot.remedy.seed),
        width=shot.size[0],
        height=shot.size[1],
        adapters=brief.adapters,
        edit=shot.edit,
        stressed=stressed(brief.prompts, shot.remedy.parts),
    )
    rendered = await studio.clock.timed("render", studio.steps.render(order))
    studio.spending.took(rendered)
    return rendered if isinstance(rendered, Refusal) else await looked(brief, rendered, studio)


async def looked(brief: Brief, rendered: Picture, studio: Studio, known: Mask | None = None) -> Take | Refusal:
    """Scores, segments, judges and mends a picture; `known`: the mask of one that is as it should be but for colour."""
    texts = (brief.prompts.scoring, *captions())
    scores, mask = await asyncio.gather(
        studio.clock.timed("score", studio.steps.score(ScoreOrder(rendered, texts))),
        _segmented(rendered, studio) if known is None else _at_once(known),
    )
    if isinstance(scores, Refusal):
        return scores
    if isinstance(mask, Refusal):
        return mask
    look = Look(rendered, mask, dict(zip(texts, scores, strict=True)))
    return await studio.clock.timed("judge", asyncio.to_thread(_judged, brief, studio.house, look, known is None))


async def _segmented(rendered: Picture, studio: Studio) -> Mask | Refusal:
    return await studio.clock.timed("segment", studio.steps.segment(SegmentOrder.whole(rendered)))


async def _at_once(mask: Mask) -> Mask:
    return mask


def _judged(brief: Brief, house: House, look: Look, mendable: bool) -> Take:
    evidence = finished(brief, house, look)
    verdict = judge(evidence)
    take = Take(look, evidence.delivered, look.scores[brief.prompts.scoring], verdict, as_drawn=score_of(verdict))
    if not mendable or house.backdrop(brief.adapters) != "white":
        return take
    first = take.failed
    while (mended := repaired(evidence, take.failed)) is not None:
        look = Look(*mended, look.scores)
        evidence = finished(brief, house, look)
        again = replace(take, look=look, picture=evidence.delivered, verdict=judge(evidence))
        if again.score_10 <= take.score_10:
            break
        take = replace(again, repairs=tuple(sorted(first - again.failed)))
    return take


def finished(brief: Brief, house: House, look: Look, lettering: float = 1.0) -> Evidence:
    """What the verdict looks at; `lettering`: size of stated motif text, 1 as large as the garment takes."""
    stated = brief.attributes
    with traces.span("finish"):
        made = Lettered(look.rendered, ())
        if stated.motif_text:
            made = lettered(look.rendered, look.mask, stated.motif_text, lettering)
        delivered = on_white(made.picture, look.mask) if house.backdrop(brief.adapters) == "white" else made.picture
    lines = tuple(line.box for line in made.lines)
    return Evidence(look.rendered, delivered, look.mask, stated, house.thresholds, answers(look.scores), lines)
