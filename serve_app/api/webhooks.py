"""Webhook endpoints: where a tenant wants to hear of its jobs' ends."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from serve_app.api.access import Hooker
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.jobs import IdempotencyKey, asked_with
from serve_app.api.schemas import EndpointAnswer, EndpointList, EndpointRequest
from serve_app.outbound import Outbound, OutboundError
from serve_app.webhooks.endpoints import Endpoint, EndpointError, Endpoints, TooManyEndpointsError

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
EndpointId = Annotated[str, Path(pattern=r"^we_[0-9a-z]{26}$")]


@router.post("", status_code=201, responses=PROBLEMS)
async def create(
    order: EndpointRequest, request: Request, caller: Hooker, idempotency_key: IdempotencyKey = None
) -> EndpointAnswer:
    """Registers an address; the answer holds the secret (`whsec_...`), which is not shown again."""
    outbound: Outbound = request.app.state.outbound
    try:
        await outbound.check(order.url)
        asked = asked_with(request, idempotency_key, await request.body())
        made = await _endpoints(request).create(caller.tenant, order.url, order.events, asked)
    except OutboundError as denied:
        raise ProblemError("invalid_request", str(denied), denied.code, "url") from None
    except EndpointError as wrong:
        code = "too_many_webhooks" if isinstance(wrong, TooManyEndpointsError) else "invalid_value"
        raise ProblemError("invalid_request", str(wrong), code) from None
    return shown(made)


@router.get("", responses=PROBLEMS)
async def listed(request: Request, caller: Hooker) -> EndpointList:
    """The caller's endpoints, without their secrets."""
    return EndpointList(data=[shown(found) for found in await _endpoints(request).list(caller.tenant)])


@router.get("/{endpoint_id}", responses=PROBLEMS)
async def read(endpoint_id: EndpointId, request: Request, caller: Hooker) -> EndpointAnswer:
    """One endpoint; `disabled` says why nothing is sent to it."""
    return shown(_known(endpoint_id, await _endpoints(request).get(caller.tenant, endpoint_id)))


@router.post("/{endpoint_id}/rotate", responses=PROBLEMS)
async def rotate(
    endpoint_id: EndpointId, request: Request, caller: Hooker, idempotency_key: IdempotencyKey = None
) -> EndpointAnswer:
    """A new secret; for 24 hours every message carries a signature of both."""
    asked = asked_with(request, idempotency_key, b"")
    return shown(_known(endpoint_id, await _endpoints(request).rotate(caller.tenant, endpoint_id, asked)))


@router.post("/{endpoint_id}/enable", responses=PROBLEMS)
async def enable(endpoint_id: EndpointId, request: Request, caller: Hooker) -> EndpointAnswer:
    """Sends again to an endpoint that was disabled."""
    if not await _endpoints(request).enable(caller.tenant, endpoint_id):
        raise _unknown(endpoint_id)
    return await read(endpoint_id, request, caller)


@router.delete("/{endpoint_id}", status_code=204, responses=PROBLEMS)
async def delete(endpoint_id: EndpointId, request: Request, caller: Hooker) -> Response:
    """Forgets an endpoint and what was on its way to it."""
    if not await _endpoints(request).delete(caller.tenant, endpoint_id):
        raise _unknown(endpoint_id)
    return Response(status_code=204)


def shown(endpoint: Endpoint) -> EndpointAnswer:
    return EndpointAnswer(
        id=endpoint.id, url=endpoint.url, events=list(endpoint.events), disabled=endpoint.disabled,
        secret=endpoint.secret,
    )  # fmt: skip


def _endpoints(request: Request) -> Endpoints:
    return Endpoints(request.app.state.service.store.database)


def _known(endpoint_id: str, found: Endpoint | None) -> Endpoint:
    if found is None:
        raise _unknown(endpoint_id)
    return found


def _unknown(endpoint_id: str) -> ProblemError:
    return ProblemError("not_found", f"there is no webhook {endpoint_id!r}; GET /v1/webhooks lists those there are")
