"""Colourways of one article: one is drawn, the others are dyed from its picture, so that shape and light stay."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from serve_app.catalogue.family import Member, consistency
from serve_app.catalogue.recolouring import base_colours, best_source
from serve_app.catalogue.record import Candidate, Family
from serve_app.catalogue.remedies import Remedy
from serve_app.stories.candidates import Brief, Shot, Studio, Take
from serve_app.stories.dyeing import Undyed, dyed
from serve_app.stories.shooting import Shooting, line

DRAWN = "colourway: drawn, not dyed: "  # how the note of a record begins that says why
KEPT = "colourway: dyed; drawn, it was no better: "
Draw = Callable[[Brief], Awaitable[Shooting]]


@dataclass(frozen=True)
class Colourway:
    """`dyed`: made from the base's picture; `note`: why it was drawn as well, or instead."""

    shooting: Shooting
    dyed: bool = False
    note: str | None = None


@dataclass(frozen=True)
class Shown:
    """The colourways in the order of their briefs, and which of them was drawn first."""

    ways: list[Colourway]
    base: int

    def family(self, names: Sequence[str]) -> Family | None:
        """How well the pictures go together, under the names of their articles; None for fewer than two."""
        order = [self.base, *(place for place in range(len(self.ways)) if place != self.base)]
        takes = {names[place]: self.ways[place].shooting.best for place in order}
        members = {name: _member(take) for name, take in takes.items() if take is not None}
        return consistency(members) if len(members) > 1 else None


async def shoot_colourways(briefs: Sequence[Brief], draw: Draw, studio: Studio) -> Shown:
    """`draw` shoots a brief as that of any article; here one of them, and those that cannot be dyed."""
    base = best_source([base_colours(brief.attributes)[0] for brief in briefs])
    first = await draw(briefs[base])

    async def shot(brief: Brief) -> Colourway:
        if brief is briefs[base]:
            return Colourway(first)
        if first.best is None:
            return Colourway(await draw(brief), note=f"{DRAWN}there is no picture to dye")
        found = await dyed(brief, first.best, base_colours(briefs[base].attributes)[0], studio)
        if isinstance(found, Take):
            return Colourway(_of_one(brief, found, first, studio), dyed=True)
        return _better(brief, found, first, await draw(brief))

    return Shown(list(await asyncio.gather(*map(shot, briefs))), base)


def _member(take: Take) -> Member:
    return Member(take.picture, take.look.rendered, take.look.mask)


def _better(brief: Brief, undyed: Undyed, first: Shooting, drawn: Shooting) -> Colourway:
    """The drawn picture, unless it passes no more than the dyed one, which has the family's frame."""
    take = undyed.take
    if take is None or (drawn.best is not None and drawn.best.score_10 > take.score_10):
        return Colourway(drawn, note=f"{DRAWN}{undyed.reason}")
    passed_over = [one.model_copy(update={"chosen": False}) for one in drawn.candidates]
    shooting = Shooting(take, [*passed_over, _line(brief, take, first)], drawn.cost)
    return Colourway(shooting, dyed=True, note=f"{KEPT}{undyed.reason}")


def _of_one(brief: Brief, take: Take, first: Shooting, studio: Studio) -> Shooting:
    """A shooting without a picture of its own."""
    return Shooting(take, [_line(brief, take, first)], studio.spending.cost())


def _line(brief: Brief, take: Take, first: Shooting) -> Candidate:
    """A dyed picture's; the seed is that of the picture that was dyed."""
    seed = next(one.seed for one in first.candidates if one.chosen)
    return line(brief, Shot(Remedy(0), brief.size), take, True).model_copy(update={"seed": seed})
