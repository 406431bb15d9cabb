"""From a brief to the best picture within its budget: draft, select, finish, and draw anew what failed.

Pictures are drawn one after the other, and the first that fails nothing is taken. Where the renderer has a smaller size
that tells as much, those are drafts, and only the chosen one is drawn large, from its draft.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from models.domain import Edit, Refusal
from serve_app.catalogue.framing import resized
from serve_app.catalogue.record import Candidate, Cost, Fault
from serve_app.catalogue.remedies import Remedy, remedy
from serve_app.stories.candidates import ORDER_FAULTS, Brief, Shot, Studio, Take, candidate_seed, taken
from serve_app.stories.dyeing import dyed
from serve_app.stories.proofreading import proofread


@dataclass(frozen=True)
class Shooting:
    """Every picture that was drawn, in order, and the one that was taken; `best` None when every one failed."""

    best: Take | None
    candidates: list[Candidate]
    cost: Cost


@dataclass
class Roll:
    """What was drawn for a brief so far."""

    brief: Brief
    studio: Studio
    frames: list[tuple[Shot, Take | Refusal]] = field(default_factory=list)

    async def draw(self, shots: Sequence[Shot], left: int = 0) -> bool:
        """Those that the budget allows, at once; False when it allows none. `left`: pictures kept for later."""
        booked = [shot for shot in shots if self.studio.spending.books(shot.size, left)]
        takes = await asyncio.gather(*(self._taken(shot) for shot in booked))
        self.frames += zip(booked, takes, strict=True)
        return bool(booked)

    async def _taken(self, shot: Shot) -> Take | Refusal:
        take = await taken(self.brief, shot, self.studio)
        return take if isinstance(take, Refusal) else await proofread(self.brief, take, self.studio)

    async def dye(self) -> None:
        """The colour of the best one put right where it still fails: its cloth dyed, and nothing drawn."""
        if self.best is None or "colours" not in self.best[1].failed:
            return
        take = self.best[1]
        again = await dyed(self.brief, take, None, self.studio)
        if isinstance(again, Take):
            again = replace(again, as_drawn=take.as_drawn, repairs=(*take.repairs, "colours"))
            self.frames = [(shot, again if one is take else one) for shot, one in self.frames]

    @property
    def best(self) -> tuple[Shot, Take] | None:
        """Of the size that is delivered if there is one, else of the drafts."""
        judged = [(shot, take) for shot, take in self.frames if isinstance(take, Take)]
        final = [pair for pair in judged if not pair[0].draft] or judged
        return max(final, key=lambda pair: pair[1].rank, default=None)

    def next(self) -> Remedy | None:
        """What to draw after all this; None where nothing failed, and where the order itself is at fault."""
        if (found := self.best) is None:
            at_fault = any(isinstance(take, Refusal) and take.code in ORDER_FAULTS for _, take in self.frames)
            return None if at_fault else Remedy(len(self.frames))
        shot, take = found
        return remedy(take.failed, shot.remedy, [shot.remedy for shot, _ in self.frames]) if take.failed else None


async def shoot(brief: Brief, studio: Studio, at_once: int = 1, draft: tuple[int, int] | None = None) -> Shooting:
    """`at_once`: pictures of the first round, drawn whatever the first one shows; `draft`: its (width, height)."""
    roll = Roll(brief, studio)
    size, left = draft or brief.size, int(draft is not None)
    going = await roll.draw([Shot(Remedy(number), size, draft=bool(left)) for number in range(at_once)], left)
    while going and (wanted := roll.next()) is not None:
        going = await roll.draw([Shot(wanted, size, draft=bool(left))], left)
    await roll.dye()
    if left and (drafted := roll.best) is not None:
        await _finished(roll, *drafted)
    return _shooting(roll)


async def _finished(roll: Roll, shot: Shot, take: Take) -> None:
    """The chosen draft drawn large; once more without it where that shows less than the draft."""
    brief, strength = roll.brief, roll.studio.house.finish
    start = Edit(resized(take.look.rendered, brief.size), strength)
    await roll.draw([Shot(shot.remedy, brief.size, start)])
    large = roll.best
    if large is not None and (large[0].draft or large[1].score_10 < take.score_10):
        await roll.draw([Shot(shot.remedy, brief.size)])


def _shooting(roll: Roll) -> Shooting:
    found = roll.best
    chosen = None if found is None or found[0].draft else found[1]
    lines = [line(roll.brief, shot, take, take is chosen) for shot, take in roll.frames]
    return Shooting(chosen, lines, roll.studio.spending.cost(sum(shot.draft for shot, _ in roll.frames)))


def line(brief: Brief, shot: Shot, take: Take | Refusal, chosen: bool) -> Candidate:
    """What the record says of one picture."""
    drawn = Candidate(
        seed=candidate_seed(brief.seed, shot.remedy.seed),
        clip_score=None,
        score_10=None,
        size=list(shot.size),
        draft=shot.draft,
        remedy_for=list(shot.remedy.failed),
    )
    if isinstance(take, Refusal):
        return drawn.model_copy(update={"fault": Fault(code=take.code, reason=take.reason)})
    update = {
        "clip_score": round(take.clip_score, 4),
        "score_10": take.score_10,
        "as_drawn": take.as_drawn,
        "failed": sorted(take.failed),
        "repairs": list(take.repairs),
        "chosen": chosen,
    }
    return drawn.model_copy(update=update)
