"""The image story over a scripted renderer: what an edit's pictures cost before they are drawn."""

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.domain import Picture, Refusal, RenderOrder, RetouchOrder, Watch
from serve_app.catalogue.framing import resized, resized_mask
from serve_app.stories import image
from serve_app.stories.house import House
from serve_app.stories.image import ImageOrder, draw
from serve_app.stories.original import Original
from serve_app.stories.retouching import Retouch
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
    monkeypatch.setattr(image, "returned", lambda drawn, _: drawn)
    await draw(edit(others=2, count=8), Drawn().steps(), House.of({"renderer": {}}))
    assert sorted(work) == [("mask", False)] + [("picture", False)] * 3


@pytest.mark.parametrize(("others", "levels"), [(0, [None] * 4), (1, [10] * 4), (3, [10, 20, 30, 10])])
async def test_each_picture_starts_from_another_of_the_further_ones(others: int, levels: list[int | None]) -> None:
    renderer = Drawn()
    await draw(edit(others, count=4), renderer.steps(), House.of({"renderer": {}}))
    edits = [order.edit for order in renderer.orders if order.edit is not None]
    assert [None if one.start is None else int(one.start.pixels[0, 0, 0]) for one in edits] == levels
    assert {int(one.picture.pixels[0, 0, 0]) for one in edits} == {0}


async def test_the_retoucher_gets_the_second_picture_as_its_control_and_returns_the_original_size() -> None:
    orders: list[RetouchOrder] = []

    async def retouch(order: RetouchOrder) -> Picture | Refusal:
        orders.append(order)
        return Picture(np.full_like(order.picture.pixels, 255))

    mask = np.zeros((300, 500), np.uint8)
    mask[:, 250:] = 255
    original = Original((grey(10), grey(20)), mask)
    asked = ImageOrder("a man", 2, 5, original=original, retouch=Retouch("hands", 4.0, "pose"))
    steps = replace(Drawn().steps(), retouch=retouch)
    drawn = await draw(asked, steps, House.of({"renderer": {}}))
    assert [(order.negative_prompt, order.guidance) for order in orders] == [("hands", 4.0)] * 2
    assert orders[0].seed == 5 != orders[1].seed
    for order in orders:
        assert order.control is not None
        assert (order.control.kind, order.control.picture.pixels.max()) == ("pose", 20)
    for one in drawn:
        assert isinstance(one, Picture)
        assert (one.pixels[:, :250] == 10).all()
        assert (one.pixels[:, 250:] == 255).all()


async def test_a_control_without_its_picture_is_refused() -> None:
    asked = ImageOrder("a man", original=Original((grey(10),)), retouch=Retouch(control="edge"))
    (drawn,) = await draw(asked, Drawn().steps(), House.of({"renderer": {}}))
    assert isinstance(drawn, Refusal)
    assert drawn.code == "bad_control"
