"""An edit's pictures on their way from the store into its order."""

from pathlib import Path
from typing import Any

import numpy as np

from serve_app.catalogue.finishing import png
from serve_app.conductor.originals import ordered
from serve_app.jobs.store import Store
from serve_app.stories.image import ImageOrder


class Counting(Store):
    """Notes which pictures are read."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.read: list[str] = []

    async def picture(self, tenant: str, sha256: str) -> bytes | None:
        self.read.append(sha256)
        return await super().picture(tenant, sha256)


async def test_no_more_pictures_are_read_than_are_drawn_from(tmp_path: Path) -> None:
    async with Counting.open(tmp_path) as store:
        levels = [png(np.full((8, 8, 3), level, np.uint8)) for level in range(16)]
        kept = [await store.put_picture("a", "job_1", content) for content in levels]
        mask = await store.put_picture("a", "job_1", png(np.full((8, 8), 255, np.uint8)))
        asked = {"prompt": "a shirt", "count": 2, "seed": 0, "size": None, "adapter": None}
        named = {"pictures": kept, "mask": mask, "strength": None}
        order = await ordered(store, "a", asked | {"original": named})
    assert isinstance(order, ImageOrder)
    assert order.original is not None
    assert [int(picture.pixels[0, 0, 0]) for picture in order.original.pictures] == [0, 1, 2]
    assert order.original.mask is not None
    assert (order.original.mask == 255).all()
    assert store.read == [*kept[:3], mask]
