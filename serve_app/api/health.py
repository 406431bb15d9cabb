"""Whether the service answers, and what it runs."""

from typing import Any

from fastapi import APIRouter, Request

from serve_app.api.access import BEARER
from serve_app.api.errors import ProblemError, problems
from serve_app.api.service import Service

router = APIRouter(tags=["service"])


@router.get("/healthz", responses=problems(413, 500, 503))
async def healthz(request: Request) -> dict[str, Any]:
    """200 when all deployments answer; 503 names those that do not."""
    service: Service = request.app.state.service
    silent = await service.conductor.silent()
    if silent:
        raise ProblemError("not_ready", "; ".join(silent.values()), silent=silent)
    return {"status": "ok"}


@router.get("/v1/models", dependencies=[BEARER], responses=problems(401, 413, 429, 500, 503))
async def models(request: Request) -> dict[str, Any]:
    """What serves each role: kind, pack, engine, revision, licence, adapters and the digest that keys the results."""
    service: Service = request.app.state.service
    return {"object": "list", "data": list((await service.conductor.about()).values())}
