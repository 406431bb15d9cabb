"""How the service is doing, for whoever runs it."""

from fastapi import APIRouter, Request

from serve_app.api.access import Operator
from serve_app.api.errors import PROBLEMS
from serve_app.api.service import Service
from serve_app.operations import Operations

router = APIRouter(prefix="/v1/operations", tags=["service"])


@router.get("", responses=PROBLEMS)
async def read(request: Request, caller: Operator) -> Operations:
    """Queue, stages, replicas, verdicts and cost of all tenants together; needs the scope `admin`."""
    service: Service = request.app.state.service
    return await service.operations()
