"""From prompts to the best of n candidates: render, look at each, judge, choose, finish."""

import asyncio
import hashlib
from dataclasses import dataclass

from models.domain import Attributes, Mask, Picture, Refusal, RenderOrder, ScoreOrder, SegmentOrder, WeightedAdapter
from models.questions import answers, captions
from serve_app.catalogue.finishing import lettered, on_white
from serve_app.catalogue.prompts import Prompts
from serve_app.catalogue.record import Candidate, Fault, Finding
from serve_app.catalogue.verdict import Evidence, judge, score_of
from serve_app.stories.house import House
from serve_app.stories.steps import Clock, Steps


@dataclass(frozen=True)
class Brief:
    """What is to be drawn: prompts, what the listing states, seed of the article, size (width, height) and adapters."""

    prompts: Prompts
    attributes: Attributes
    seed: int
    size: tuple[int, int]
    candidates: int
    adapters: tuple[WeightedAdapter, ...]


@dataclass(frozen=True)
class Take:
    """One candidate, finished and judged."""

    seed: int
    picture: Picture
    mask: Mask
    clip_score: float
    verdict: dict[str, Finding]

    @property
    def score_10(self) -> float:
        return score_of(self.verdict)


@dataclass(frozen=True)
class Look:
    """What the models say about one candidate; `scores` per caption."""

    seed: int
    rendered: Picture
    mask: Mask
    scores: dict[str, float]


@dataclass(frozen=True)
class Shooting:
    """All candidates in the order of their seeds, and the one that was taken; `best` None when every one failed."""

    best: Take | None
    candidates: list[Candidate]


def candidate_seed(seed: int, number: int) -> int:
    """The first candidate has the article's seed, the others follow from it; 64 bits."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest()[:8], "big")


async def shoot(brief: Brief, steps: Steps, house: House, clock: Clock) -> Shooting:
    """Renders and judges all candidates at once; the best has the highest score of ten, then the best caption score."""
    seeds = [candidate_seed(brief.seed, number) for number in range(brief.candidates)]
    takes = await asyncio.gather(*(_take(brief, seed, steps, house, clock) for seed in seeds))
    judged = [take for take in takes if isinstance(take, Take)]
    best = max(judged, key=lambda take: (take.score_10, take.clip_score), default=None)
    return Shooting(best, [_line(seed, take, take is best) for seed, take in zip(seeds, takes, strict=True)])


async def _take(brief: Brief, seed: int, steps: Steps, house: House, clock: Clock) -> Take | Refusal:
    width, height = brief.size
    order = RenderOrder(
        prompt=brief.prompts.generation,
        negative_prompt=brief.prompts.negative,
        seed=seed,
        width=width,
        height=height,
        adapters=brief.adapters,
    )
    rendered = await clock.timed("render", steps.render(order))
    if isinstance(rendered, Refusal):
        return rendered
    texts = (brief.prompts.scoring, *captions())
    scores, mask = await asyncio.gather(
        clock.timed("score", steps.score(ScoreOrder(rendered, texts))),
        clock.timed("segment", steps.segment(SegmentOrder.whole(rendered))),
    )
    if isinstance(scores, Refusal):
        return scores
    if isinstance(mask, Refusal):
        return mask
    by_text = dict(zip(texts, scores, strict=True))
    return await clock.timed("judge", asyncio.to_thread(_judged, brief, house, Look(seed, rendered, mask, by_text)))


def _judged(brief: Brief, house: House, look: Look) -> Take:
    stated = brief.attributes
    delivered = lettered(look.rendered, look.mask, stated.motif_text) if stated.motif_text else look.rendered
    if house.backdrop(brief.adapters) == "white":
        delivered = on_white(delivered, look.mask)
    evidence = Evidence(
        rendered=look.rendered,
        delivered=delivered,
        mask=look.mask,
        attributes=stated,
        thresholds=house.thresholds,
        answers=answers(look.scores),
    )
    return Take(look.seed, delivered, look.mask, look.scores[brief.prompts.scoring], judge(evidence))


def _line(seed: int, take: Take | Refusal, chosen: bool) -> Candidate:
    if isinstance(take, Refusal):
        fault = Fault(code=take.code, reason=take.reason)
        return Candidate(seed=seed, clip_score=None, score_10=None, fault=fault)
    return Candidate(seed=seed, clip_score=round(take.clip_score, 4), score_10=take.score_10, chosen=chosen)
