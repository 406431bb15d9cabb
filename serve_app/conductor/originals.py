"""Image orders as they lie in the queue: with the pictures that were uploaded for them named by their hashes."""

import asyncio
from typing import Any

from models.domain import Picture, Pixels, Refusal
from serve_app.catalogue.finishing import from_png
from serve_app.jobs.store import Store
from serve_app.stories.image import ImageOrder
from serve_app.stories.original import Original
from serve_app.stories.retouching import Retouch


async def ordered(store: Store, tenant: str, asked: dict[str, Any]) -> ImageOrder | Refusal:
    """The order with its pictures; a Refusal when one of them has gone."""
    size, named = asked["size"], asked.get("original")
    original = None
    if named is not None:
        shown = named["pictures"][: 1 + asked["count"]]  # each picture drawn starts from one further one
        digests = [*shown, *([named["mask"]] if named["mask"] else [])]
        planes = [await _pixels(store, tenant, digest) for digest in digests]
        if any(plane is None for plane in planes):
            return Refusal("picture_gone", "a picture of this job has been deleted; send the request again")
        whole = [plane for plane in planes if plane is not None]
        pictures = tuple(Picture(plane) for plane in whole[: len(shown)])
        original = Original(pictures, whole[-1] if named["mask"] else None, named["strength"])
    retouch = Retouch(**asked["retouch"]) if asked.get("retouch") else None
    return ImageOrder(**(asked | {"size": tuple(size) if size else None, "original": original, "retouch": retouch}))


async def _pixels(store: Store, tenant: str, digest: str) -> Pixels | None:
    content = await store.picture(tenant, digest)
    return None if content is None else await asyncio.to_thread(from_png, content)
