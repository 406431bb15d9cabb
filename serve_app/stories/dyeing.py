"""A picture that was taken once more with its cloth in the colour that a brief states; nothing is drawn for it."""

import asyncio
from dataclasses import dataclass, replace

from models.domain import Refusal
from serve_app.catalogue.recolouring import Dye, recolour
from serve_app.catalogue.verdict import score_of
from serve_app.stories.candidates import Brief, Studio, Take, looked
from serve_app.stories.proofreading import proofread

UNTOUCHED = ("background", "framing", "whole", "one_garment", "artefacts")  # checks of what dyeing does not change


@dataclass(frozen=True)
class Undyed:
    """Why a dyed picture would not do, and the picture where there is one."""

    reason: str
    take: Take | None = None


async def dyed(brief: Brief, take: Take, source: str | None, studio: Studio) -> Take | Undyed:
    """The take with `source` dyed, or why it would not do: it may fail neither its colour nor anything new.

    `source` None, or a colour that the picture does not show: the garment's largest tone that the brief leaves open.
    """
    dye = Dye.of(brief.attributes, None if "colours" in take.failed else source)
    if isinstance(dye, Refusal):
        return Undyed(dye.reason)
    work = asyncio.to_thread(recolour, take.look.rendered, take.look.mask, dye)
    picture = await studio.clock.timed("recolour", work)
    if isinstance(picture, Refusal):
        return Undyed(picture.reason)
    found = await looked(brief, picture, studio, take.look.mask)
    if isinstance(found, Refusal):
        return Undyed(found.reason)
    found = await proofread(brief, found, studio)
    verdict = found.verdict | {name: take.verdict[name] for name in UNTOUCHED}
    found = replace(found, verdict=verdict, as_drawn=score_of(verdict))
    worse = sorted(found.failed - (take.failed - {"colours"}))
    return Undyed(f"it failed {', '.join(worse)}", found) if worse else found
