"""What happens to a picture after its publication: which variant a visitor sees, and what shoppers do."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from serve_app.api.access import Reader, Writer
from serve_app.api.answers import iso
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.jobs import IdempotencyKey, asked_with
from serve_app.api.publication_schemas import (
    AssignmentAnswer,
    DuelAnswer,
    EventsRequest,
    NoteAnswer,
    PublicationAnswer,
    PublicationList,
    PublicationRequest,
    Rate,
    ResultAnswer,
)
from serve_app.calibration.shares import Share
from serve_app.jobs.publications import Happened, NewPublication, Publication, Publications
from serve_app.publications.publication import Variant, assigned, rivals
from serve_app.publications.results import Duel, Result, results

router = APIRouter(prefix="/v1/publications", tags=["publications"])
PublicationId = Annotated[str, Path(pattern=r"^pub_[0-9a-z]{26}$")]
Cursor = Annotated[str | None, Query(pattern=r"^pub_[0-9a-z]{26}$", description="`next_cursor` of the page before")]
Visitor = Annotated[
    str, Query(min_length=1, max_length=200, description="any stable name of a shopper; it is not kept")
]
Audience = Annotated[str | None, Query(max_length=64)]


@router.post("", status_code=201, responses=PROBLEMS)
async def publish(
    order: PublicationRequest, request: Request, caller: Writer, idempotency_key: IdempotencyKey = None
) -> PublicationAnswer:
    """Says where an article's picture is shown; several variants make a randomised trial."""
    if len({variant.name for variant in order.variants}) < len(order.variants):
        raise ProblemError(
            "invalid_request", "variants: two have the same name; give each its own", "same_name", "variants"
        )
    variants = [Variant(**variant.model_dump()) for variant in order.variants]
    new = NewPublication(caller.tenant, order.article_id, order.channel, order.goal, variants, caller.key_id)
    asked = asked_with(request, idempotency_key, await request.body())
    return await _shown(request, await _desk(request).publish(new, asked))


@router.get("", responses=PROBLEMS)
async def listed(
    request: Request, caller: Reader, cursor: Cursor = None, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> PublicationList:
    """The caller's publications, the newest first."""
    found = await _desk(request).page(caller.tenant, limit + 1, cursor)
    shown = await asyncio.gather(*(_shown(request, one) for one in found[:limit]))
    return PublicationList(data=shown, next_cursor=found[limit - 1].id if len(found) > limit else None)


@router.get("/{publication_id}", responses=PROBLEMS)
async def read(publication_id: PublicationId, request: Request, caller: Reader) -> PublicationAnswer:
    """Rates with intervals per variant, the comparisons, and what shoppers reported."""
    return await _shown(request, await _known(request, caller.tenant, publication_id))


@router.post("/{publication_id}/events", responses=PROBLEMS)
async def happened(
    publication_id: PublicationId,
    order: EventsRequest,
    request: Request,
    caller: Writer,
    idempotency_key: IdempotencyKey = None,
) -> PublicationAnswer:
    """Counts impressions, clicks, conversions, returns and shoppers' reports; send a key, or they may count twice."""
    found = await _known(request, caller.tenant, publication_id)
    _countable(found, order)
    counted = [Happened(**event.model_dump()) for event in order.events]
    asked = asked_with(request, idempotency_key, await request.body())
    await _desk(request).add(found, counted, asked)
    for each in counted:
        request.app.state.happened(each.kind, each.count)
    return await _shown(request, found)


@router.get("/{publication_id}/assignment", responses=PROBLEMS)
async def assignment(
    publication_id: PublicationId, request: Request, caller: Reader, visitor: Visitor, audience: Audience = None
) -> AssignmentAnswer:
    """The variant to show to a visitor, at random by the shares, and always the same one."""
    found = await _known(request, caller.tenant, publication_id)
    seen = rivals(found.variants, audience)
    if not seen:
        known = ", ".join(sorted({variant.audience or "" for variant in found.variants}))
        raise ProblemError("invalid_request", f"audience: no variant is for all; name one of {known}", param="audience")
    chosen = assigned(found.id, seen, visitor)
    own = await _desk(request).owned(caller.tenant, [chosen.picture])
    return AssignmentAnswer(
        publication=found.id, variant=chosen.name, picture=chosen.picture, picture_url=_url(chosen.picture, own)
    )


def _countable(found: Publication, order: EventsRequest) -> None:
    """Raises ProblemError for an event that cannot have happened to this publication."""
    names = [variant.name for variant in found.variants]
    for index, event in enumerate(order.events):
        if event.variant not in names:
            said = f"events.{index}.variant: {event.variant!r} is none of this publication's: {', '.join(names)}"
            raise ProblemError("invalid_request", said, "unknown_variant", f"events.{index}.variant")
        if event.note and event.kind != "report":
            said = f"events.{index}.note: only a report has a note, not a {event.kind}"
            raise ProblemError("invalid_request", said, "no_report", f"events.{index}.note")


def _desk(request: Request) -> Publications:
    return Publications(request.app.state.service.store.database)


async def _known(request: Request, tenant: str, name: str) -> Publication:
    found = await _desk(request).get(tenant, name)
    if found is None:
        raise ProblemError("not_found", f"there is no publication {name!r}; GET /v1/publications lists those there are")
    return found


async def _shown(request: Request, one: Publication) -> PublicationAnswer:
    desk = _desk(request)
    own = await desk.owned(one.tenant, {variant.picture for variant in one.variants})
    found = results(one.variants, await desk.counts(one), one.goal)
    return PublicationAnswer(
        id=one.id,
        article_id=one.article_id,
        channel=one.channel,
        goal=one.goal,
        variants=[_result(each, own) for each in found.variants],
        comparisons=[_duel(each) for each in found.duels],
        stop=found.stop,
        best={audience or "all": name for audience, name in found.best.items()},
        reports=[
            NoteAnswer(variant=each.variant, note=each.note, created_at=iso(each.created))
            for each in await desk.notes(one)
        ],
        created_at=iso(one.created),
    )


def _result(found: Result, own: dict[str, str]) -> ResultAnswer:
    variant = found.variant
    return ResultAnswer(
        name=variant.name,
        picture=variant.picture,
        picture_url=_url(variant.picture, own),
        audience=variant.audience,
        share=variant.share,
        counts=found.counts,
        click_rate=_rate(found.click_rate),
        conversion_rate=_rate(found.conversion_rate),
        report_rate=_rate(found.report_rate),
        as_pictured=found.as_pictured,
    )


def _duel(duel: Duel) -> DuelAnswer:
    found = duel.found
    return DuelAnswer(
        variant=duel.variant,
        against=duel.against,
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        state=found.state,
    )


def _rate(share: Share | None) -> Rate | None:
    if share is None:
        return None
    low, high = share.interval
    return Rate(value=share.rate, low=low, high=high)


def _url(sha256: str, own: dict[str, str]) -> str | None:
    return f"/v1/pictures/{sha256}.{own[sha256]}" if sha256 in own else None
