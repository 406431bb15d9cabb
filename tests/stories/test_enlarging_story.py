"""A picture is enlarged where a marketplace wants more pixels of it, and used so only if it shows the product."""

from dataclasses import dataclass, field

import numpy as np

from models.domain import Mask, Picture, Refusal
from models.doubles.trouble import Trouble
from models.doubles.upscaling import Repeater
from models.starter.drawing.draw import draw
from models.starter.drawing.garment import Garment
from serve_app.delivery.enlarging import lacking
from serve_app.delivery.profile import profile
from serve_app.stories.enlarging import enlarged

ZALANDO = profile("zalando")  # at least 762 x 1100
SHIRT = Garment("men", "t-shirt", "red")


def drawn(side: int) -> tuple[Picture, Mask]:
    drawing = draw(SHIRT, np.random.default_rng(3), side)
    return drawing.picture, drawing.mask


@dataclass
class Doubling:
    """An upscaler that repeats pixels, or says `instead`; `asked`: the pictures it was sent."""

    instead: Refusal | None = None
    asked: list[Picture] = field(default_factory=list)

    async def __call__(self, picture: Picture) -> Picture | Refusal:
        self.asked.append(picture)
        return self.instead or Repeater(Trouble(0.0)).upscale([picture])[0]


async def test_only_the_product_is_sent_and_comes_back_finer() -> None:
    picture, mask = drawn(256)
    upscaler = Doubling()
    source = await enlarged(picture, mask, ZALANDO, upscaler)
    box = lacking(picture, mask, ZALANDO)
    assert box is not None
    assert [one.size for one in upscaler.asked] == [(box[2] - box[0], box[3] - box[1])]
    assert source.finer is not None, source.reason
    assert (source.finer.times, source.finer.box) == (2, box)
    assert source.picture is picture


async def test_a_picture_that_is_large_enough_is_not_sent() -> None:
    upscaler = Doubling()
    source = await enlarged(*drawn(2048), ZALANDO, upscaler)
    assert (source.finer, source.reason, upscaler.asked) == (None, None, [])


async def test_without_an_upscaler_the_picture_stays_as_it_is() -> None:
    source = await enlarged(*drawn(256), ZALANDO, None)
    assert (source.finer, source.reason) == (None, None)


async def test_a_refusal_leaves_the_picture_and_says_why() -> None:
    source = await enlarged(*drawn(256), ZALANDO, Doubling(Refusal("bad_size", "too large for it")))
    assert (source.finer, source.reason) == (None, "too large for it")
