"""Whether the service answers, and what it runs."""

from typing import Any

from fastapi import APIRouter, Request

from serve_app.api.errors import ProblemError
from serve_app.conductor import Conductor

router = APIRouter(tags=["service"])


@router.get("/healthz")
async def healthz(request: Request) -> dict[str, Any]:
    """200 when all deployments answer; 503 names those that do not."""
    conductor: Conductor = request.app.state.conductor
    silent = await conductor.fleet.silent()
    if silent:
        raise ProblemError("not_ready", "; ".join(silent.values()), silent=silent)
    return {"status": "ok"}


@router.get("/v1/models")
async def models(request: Request) -> dict[str, Any]:
    """What serves each role: kind, pack, engine, revision, licence, adapters and the digest that keys the results."""
    conductor: Conductor = request.app.state.conductor
    return {"object": "list", "data": list((await conductor.fleet.about()).values())}
