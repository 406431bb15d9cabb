"""One article: read, translate, extract, reconcile, complete or ask, prompt, shoot, record."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from models.domain import Attributes, ExtractionOrder, Mask, Picture, Refusal, WeightedAdapter
from models.telemetry import traces
from serve_app.catalogue import answers, completeness, glossary, intake, policy, prompts
from serve_app.catalogue.claims import Claim
from serve_app.catalogue.explained import unexplained
from serve_app.catalogue.ledger import Ledger, reconcile
from serve_app.catalogue.listing import Listing, seed_for
from serve_app.catalogue.policy import Variant
from serve_app.catalogue.record import Fault, Question, Record
from serve_app.stories.budget import Budget, Spending
from serve_app.stories.candidates import ORDER_FAULTS, Brief, Studio
from serve_app.stories.colourways import shoot_colourways
from serve_app.stories.house import House
from serve_app.stories.shooting import Shooting, shoot
from serve_app.stories.steps import Clock, Steps

NO_PICTURE = Fault(code="no_budget", reason="the budget allows no picture; allow more pictures or device seconds")
VERSION = 4  # part of every result's key: a change of what the story makes of the same input raises it


@dataclass(frozen=True)
class Options:
    """How to draw; `size` is the side in pixels, None the pack's own; `adapter` as `house.adapters_of` reads it,
    `policy` as `catalogue.policy.parse` does."""

    run_seed: int = 0
    candidates: int = 2
    cascade: bool = True  # one candidate after the other, until one fails nothing; else all of them at once
    pictures: int | None = None  # that may be drawn at most; None: one more than the candidates, if those are several
    device_seconds: float | None = None  # of the renderer that they may take at most
    size: int | None = None
    adapter: str | None = None
    policy: str = "ask"
    profile: str | None = None  # a marketplace of `delivery.profile`, for a further file by its rules
    answers: Mapping[str, str] = field(default_factory=dict)  # attribute -> what the seller said when asked
    dry_run: bool = False  # says what would be drawn and draws nothing

    @property
    def budget(self) -> Budget:
        """Who asks for one candidate wants one picture; else there is one to put right what failed."""
        usual = self.candidates if self.candidates == 1 else self.candidates + 1
        return Budget(usual if self.pictures is None else self.pictures, self.device_seconds)


@dataclass(frozen=True)
class Outcome:
    """A record and, where it succeeded, the finished picture with the garment's mask."""

    record: Record
    picture: Picture | None = None
    mask: Mask | None = None


@dataclass(frozen=True)
class Call:
    """What every part of the story needs of one request."""

    options: Options
    steps: Steps
    house: House
    clock: Clock
    adapters: tuple[WeightedAdapter, ...] = ()


async def photograph(listing: Listing, options: Options, steps: Steps, models: dict[str, Any]) -> list[Outcome]:
    """The outcomes of one listing, several for colourways. `models` are the deployments' facts, role -> facts.

    Unusable input and unanswered questions are outcomes, not exceptions; a lost service raises what the step raises.
    """
    house = House.of(models)
    chosen = house.chosen(options.adapter)
    call = Call(options, steps, house, Clock(), () if isinstance(chosen, Refusal) else chosen)
    record = _opened(listing, call)
    unusable = chosen if isinstance(chosen, Refusal) else intake.refused(listing, house.language)
    if unusable is not None:
        return [_closed(record, call, "rejected", unusable)]
    answered = answers.understood(options.answers, house.language)
    if isinstance(answered, Refusal):
        return [_closed(record, call, "rejected", answered)]
    english = await _translated(listing, call)
    if isinstance(english, Refusal):
        return [_closed(record, call, "failed", english)]
    record, ledger = await _reconciled(record, listing, english, answered, call)
    completed = answers.inapplicable(ledger) or policy.complete(ledger, policy.parse(options.policy))
    if isinstance(completed, Refusal):
        return [_closed(record, call, "rejected", completed)]
    if isinstance(completed, Question):
        return [_closed(record.model_copy(update={"question": completed}), call, "needs_answer")]
    return await _all_photographed([_briefed(record, variant, call) for variant in completed], call)


async def _translated(listing: Listing, call: Call) -> str | Refusal:
    """Copy and shorthand in English; the glossary has the first and the last word."""
    source, language = "\n".join(filter(None, astext(listing))), call.house.language
    english = await call.clock.timed("translate", call.steps.translate(glossary.guard(source, language)))
    return english if isinstance(english, Refusal) else glossary.enforce(source, english, language)


def astext(listing: Listing) -> tuple[str, str, str]:
    """What is worth translating: title, copy and the buyer's line; the merchandise group only repeats the title."""
    return listing.name, listing.description, listing.model_descr


async def _reconciled(
    record: Record, listing: Listing, english: str, answered: Sequence[Claim], call: Call
) -> tuple[Record, Ledger]:
    """The ledger of all witnesses; an extractor that refuses is a witness less, not a failure."""
    witness, notes = await _extracted(listing, english, call)
    work = asyncio.to_thread(reconcile, listing, english, witness, answered, language=call.house.language)
    ledger = await call.clock.timed("reconcile", work)
    with traces.span("complete"):
        complete = await asyncio.to_thread(completeness.measure, ledger)
    update = {"translation": english, "notes": notes, "completeness": complete}
    return _told(record.model_copy(update=update), ledger), ledger


async def _extracted(listing: Listing, english: str, call: Call) -> tuple[Attributes | None, list[str]]:
    """What the extractor proposes, and what the record notes of it; a listing that is explained is not shown to it."""
    with traces.span("explain"):
        asked = await asyncio.to_thread(unexplained, listing, call.house.language)
    if not asked:
        return None, ["extractor: not asked; the lexicon explains every word of the listing"]
    labelled = "\n".join(f"{column}: {text}" for column, text in listing.columns() if text)
    proposal = await call.clock.timed("extract", call.steps.extract(ExtractionOrder(labelled, english)))
    return (None, [f"extractor: {proposal.reason}"]) if isinstance(proposal, Refusal) else (proposal, [])


def _briefed(record: Record, variant: Variant, call: Call) -> tuple[Record, Brief | Refusal]:
    """What is to be drawn, and the record that says so."""
    record = _told(record, variant.ledger)
    record = record.model_copy(update={"article_id": record.article_id + variant.suffix})
    written = prompts.write(variant.ledger)
    if isinstance(written, Refusal):
        return record, written
    options, house = call.options, call.house
    brief = Brief(
        prompts=replace(written, generation=house.prompted(written.generation, call.adapters)),
        attributes=variant.ledger.attributes,
        seed=record.seed,
        size=(options.size, options.size) if options.size else house.size,
        adapters=call.adapters,
    )
    return _prompted(record, brief), brief


async def _photographed(record: Record, brief: Brief | Refusal, call: Call) -> Outcome:
    if isinstance(brief, Refusal):
        return _closed(record, call, "rejected", brief)
    if call.options.dry_run:
        return _closed(record, call, "planned")
    return _shown(record, await _shot(brief, call), call)


async def _all_photographed(briefed: Sequence[tuple[Record, Brief | Refusal]], call: Call) -> list[Outcome]:
    """Of several colourways one is shot as any article; the others are dyed from its picture, or shot as well."""
    briefs = [brief for _, brief in briefed if isinstance(brief, Brief)]
    if len(briefed) == 1 or len(briefs) < len(briefed) or call.options.dry_run:
        return [await _photographed(*one, call) for one in briefed]
    shown = await shoot_colourways(briefs, lambda brief: _shot(brief, call), _studio(call))
    names = [record.article_id for record, _ in briefed]
    family = await asyncio.to_thread(shown.family, names)
    outcomes = []
    for (record, _), way in zip(briefed, shown.ways, strict=True):
        notes = record.notes if way.note is None else [*record.notes, way.note]
        base = names[shown.base] if way.dyed else None
        update = {"notes": notes, "family": family, "derived_from": base}
        outcomes.append(_shown(record.model_copy(update=update), way.shooting, call))
    return outcomes


async def _shot(brief: Brief, call: Call) -> Shooting:
    options = call.options
    draft = call.house.drafted(brief.size, options.budget.pictures) if options.cascade else None
    return await shoot(brief, _studio(call), 1 if options.cascade else options.candidates, draft)


def _studio(call: Call) -> Studio:
    """One with a budget of its own."""
    return Studio(call.steps, call.house, call.clock, Spending(call.options.budget))


def _opened(listing: Listing, call: Call) -> Record:
    return Record(
        article_id=listing.article_id,
        source=asdict(listing),
        original_description=listing.description,
        seed=seed_for(call.options.run_seed, listing.article_id),
        run_seed=call.options.run_seed,
        adapter=call.options.adapter,
        policy=call.options.policy,
        models=call.house.models,
        status="failed",
    )


def _told(record: Record, ledger: Ledger) -> Record:
    update = {
        "attributes": asdict(ledger.attributes),
        "ledger": [asdict(claim) for claim in ledger.claims],
        "dropped": [asdict(dropped) for dropped in ledger.dropped],
    }
    return record.model_copy(update=update)


def _prompted(record: Record, brief: Brief) -> Record:
    written = brief.prompts
    update = {
        "generation_prompt": written.generation,
        "clip_prompt": written.scoring,
        "negative_prompt": written.negative,
        "prompt_template": written.template,
        "prompt_sources": [fragment.as_record() for fragment in written.fragments],
        "size": list(brief.size),
    }
    return record.model_copy(update=update)


def _shown(record: Record, shooting: Shooting, call: Call) -> Outcome:
    best = shooting.best
    update: dict[str, Any] = {"candidates": shooting.candidates, "cost": shooting.cost}
    if best is None:
        fault = next((line.fault for line in shooting.candidates if line.fault is not None), NO_PICTURE)
        status = "rejected" if fault.code in ORDER_FAULTS else "failed"
        return _closed(record.model_copy(update=update), call, status, Refusal(fault.code, fault.reason))
    update |= {"clip_score": round(best.clip_score, 4), "verdict": best.verdict, "score_10": best.score_10}
    closed = _closed(record.model_copy(update=update), call, "succeeded")
    return Outcome(closed.record, best.picture, best.look.mask)


def _closed(record: Record, call: Call, status: str, refusal: Refusal | None = None) -> Outcome:
    update: dict[str, Any] = {"status": status, "timings": {k: round(v, 4) for k, v in call.clock.seconds.items()}}
    if refusal is not None:
        update["rejection" if status == "rejected" else "failure"] = Fault(code=refusal.code, reason=refusal.reason)
    return Outcome(record.model_copy(update=update))
