"""Delivered pictures by the hash of their bytes."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from serve_app.api.access import Reader
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.service import Service

router = APIRouter(prefix="/v1/pictures", tags=["pictures"])
FOREVER = "private, max-age=31536000, immutable"  # the address is the content's hash


@router.get("/{sha256}.png", response_class=Response, responses=PROBLEMS | {200: {"content": {"image/png": {}}}})
async def read(sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], request: Request, caller: Reader) -> Response:
    """The PNG bytes as they were delivered."""
    service: Service = request.app.state.service
    png = await service.store.picture(caller.tenant, sha256)
    if png is None:
        raise ProblemError("not_found", f"there is no picture {sha256[:12]}…; records name the pictures there are")
    return Response(png, media_type="image/png", headers={"Cache-Control": FOREVER, "ETag": f'"{sha256}"'})
