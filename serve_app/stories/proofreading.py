"""Stated motif text read back from the finished picture, and set again where it cannot be read."""

import asyncio
from dataclasses import replace

from models.domain import ReadOrder, Refusal, TextLine
from serve_app.catalogue.remedies import LETTERING
from serve_app.catalogue.verdict import Evidence
from serve_app.catalogue.verdict.lettering import motif_text
from serve_app.stories.candidates import Brief, Studio, Take, finished

CHECK = "motif_text"


async def proofread(brief: Brief, take: Take, studio: Studio) -> Take:
    """The take with what its text reads as in its verdict, and with smaller lettering where only that can be read."""
    if not brief.attributes.motif_text:
        return take
    first, *smaller = LETTERING
    read = await _read(brief, take, studio, first)
    read = replace(read, as_drawn=round(max(0.0, take.as_drawn + read.score_10 - take.score_10), 2))
    for size in smaller:
        if CHECK not in read.failed:
            break
        again = await _read(brief, read, studio, size)
        read = read if CHECK in again.failed else replace(again, repairs=(*read.repairs, CHECK))
    return read


async def _read(brief: Brief, take: Take, studio: Studio, size: float) -> Take:
    evidence = await asyncio.to_thread(finished, brief, studio.house, take.look, size)
    reading = await _lines(evidence, studio)
    verdict = take.verdict | {CHECK: motif_text(replace(evidence, reading=reading))}
    return replace(take, picture=evidence.delivered, verdict=verdict)


async def _lines(evidence: Evidence, studio: Studio) -> tuple[TextLine, ...] | Refusal:
    """Where no line was set there is nothing to read."""
    if not evidence.lines:
        return ()
    return await studio.clock.timed("read", studio.steps.read(ReadOrder(evidence.delivered, evidence.lines)))
