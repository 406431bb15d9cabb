"""Delivered pictures by the hash of their bytes."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from serve_app.api.access import Reader
from serve_app.api.errors import PROBLEMS, ProblemError
from serve_app.api.service import Service
from serve_app.provenance.metadata import format_of

router = APIRouter(prefix="/v1/pictures", tags=["pictures"])
FOREVER = "private, max-age=31536000, immutable"  # the address is the content's hash
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}, "image/jpeg": {}, "image/webp": {}}}}


@router.get("/{sha256}.png", response_class=Response, responses=PROBLEMS | FILE)
@router.get("/{sha256}.jpg", response_class=Response, responses=PROBLEMS | FILE)
async def read(sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], request: Request, caller: Reader) -> Response:
    """The file's bytes as they were delivered; what they are, not the address, says the type."""
    service: Service = request.app.state.service
    content = await service.store.picture(caller.tenant, sha256)
    if content is None:
        raise ProblemError("not_found", f"there is no picture {sha256[:12]}…; records name the pictures there are")
    kind = format_of(content) or "image/png"
    return Response(content, media_type=kind, headers={"Cache-Control": FOREVER, "ETag": f'"{sha256}"'})
