"""The image story over a scripted renderer: what an edit's pictures cost before they are drawn."""

import threading
from typing import Any

import numpy as np
import pytest

from models.domain import Picture, Refusal, RenderOrder, Watch
from serve_app.catalogue.framing import resized, resized_mask
from serve_app.stories import image
from serve_app.stories.house import House
from serve_app.stories.image import ImageOrder, Original, draw
from serve_app.stories.steps import Steps


class Drawn:
    """A renderer that gives every order back as a white picture and notes it."""

    def __init__(self) -> None:
        self.orders: list[RenderOrder] = []

    async def render(self, order: RenderOrder, watch: Watch | None = None) -> Picture | Refusal:
        self.orders.append(order)
        return Picture(np.full((order.height, order.width, 3), 255, np.uint8))

    def steps(self) -> Steps:
        async def never(_: Any) -> Any:
            raise AssertionError("an image needs the renderer only")

        return Steps(never, never, self.render, never, never)


def grey(level: int) -> Picture:
    return Picture(np.full((300, 500, 3), level, np.uint8))


def edit(others: int, count: int) -> ImageOrder:
    pictures = tuple(grey(10 * number) for number in range(1 + others))
    return ImageOrder("a shirt", count, original=Original(pictures, np.full((300, 500), 255, np.uint8)))


async def test_every_picture_of_an_edit_is_resized_once_and_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[tuple[str, bool]] = []
    here = threading.current_thread()

    def heard(name: str, function: Any) -> Any:
        def call(*given: Any) -> Any:
            work.append((name, threading.current_thread() is here))
            return function(*given)

        return call

    monkeypatch.setattr(image, "resized", heard("picture", resized))
    monkeypatch.setattr(image, "resized_mask", heard("mask", resized_mask))
    monkeypatch.setattr(image, "_returned", lambda drawn, _: drawn)
    await draw(edit(others=2, count=8), Drawn().steps(), House.of({"renderer": {}}))
    assert sorted(work) == [("mask", False)] + [("picture", False)] * 3


@pytest.mark.parametrize(("others", "levels"), [(0, [None] * 4), (1, [10] * 4), (3, [10, 20, 30, 10])])
async def test_each_picture_starts_from_another_of_the_further_ones(others: int, levels: list[int | None]) -> None:
    renderer = Drawn()
    await draw(edit(others, count=4), renderer.steps(), House.of({"renderer": {}}))
    edits = [order.edit for order in renderer.orders if order.edit is not None]
    assert [None if one.start is None else int(one.start.pixels[0, 0, 0]) for one in edits] == levels
    assert {int(one.picture.pixels[0, 0, 0]) for one in edits} == {0}
