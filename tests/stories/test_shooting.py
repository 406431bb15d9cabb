"""Which pictures are drawn for one article, for what, and what they may cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from models.domain import Mask, Picture, Refusal, RenderOrder, ScoreOrder, SegmentOrder
from models.questions import questions
from models.vocabulary import vocabulary
from serve_app.catalogue.listing import Listing, seed_for
from serve_app.catalogue.record import Record
from serve_app.stories.article import Options, photograph
from serve_app.stories.candidates import candidate_seed
from serve_app.stories.steps import Steps

SHIRT = Listing("Herren-T-Shirt", "Herren-T-Shirt mit Rundhalsausschnitt.", "T-Shirt", "r-neck,basic,dark blue")
SEED = seed_for(0, SHIRT.article_id)
Paint = Callable[[RenderOrder], tuple[str, tuple[int, int]]]  # the colour, and where the garment begins (top, left)
MIDDLE = (40, 50)


@dataclass
class Atelier:
    """Paints a block of 176 x 156 pixels at 256; `neckline`: what each picture in turn reads as."""

    paint: Paint = lambda _: ("dark blue", MIDDLE)
    neckline: Sequence[str] = ("crew",)
    device_s: float = 1.0
    drawn: list[RenderOrder] = field(default_factory=list)

    async def record(self, renderer: dict[str, Any] | None = None, **options: Any) -> Record:
        models = {"renderer": {"options": renderer or {}}}
        [outcome] = await photograph(SHIRT, Options(**options), self.steps(), models)
        return outcome.record

    def steps(self) -> Steps:
        async def echo(text: str) -> str:
            return text

        async def silent(_: Any) -> Refusal:
            return Refusal("invalid_json", "no object")

        return Steps(echo, silent, self.render, self.score, self.segment)

    async def render(self, order: RenderOrder, _watch: Any = None) -> Picture:
        self.drawn.append(order)
        colour, (top, left) = self.paint(order)
        unit = order.width / 256
        pixels = np.full((order.height, order.width, 3), 255, np.uint8)
        rows, columns = (
            slice(int(top * unit), int((top + 176) * unit)),
            slice(int(left * unit), int((left + 156) * unit)),
        )
        pixels[rows, columns] = vocabulary().rgb(colour)
        return Picture(pixels, self.device_s)

    async def score(self, order: ScoreOrder) -> tuple[float, ...]:
        reads = {"neckline": self.neckline[(len(self.drawn) - 1) % len(self.neckline)]}
        reads |= {"product_type": "t-shirt", "weave": "solid", "print": "no print", "sleeve": "short"}
        right = {texts[reads[question]] for question, texts in questions().items() if question in reads}
        return tuple(30.0 if text in {order.texts[0], *right} else 20.0 for text in order.texts)

    async def segment(self, order: SegmentOrder) -> Mask:
        return Mask(np.where(order.picture.pixels.min(axis=-1) < 250, 255, 0).astype(np.uint8), 0.95)


async def test_the_first_picture_that_fails_nothing_ends_the_cascade() -> None:
    atelier = Atelier()
    record = await atelier.record(candidates=4)
    assert len(atelier.drawn) == 1
    assert record.cost is not None
    assert (record.cost.pictures, record.cost.device_seconds) == (1, 1.0)


async def test_all_candidates_at_once_are_drawn_whatever_the_first_one_shows() -> None:
    atelier = Atelier()
    await atelier.record(candidates=4, cascade=False)
    assert len(atelier.drawn) == 4


async def test_a_failed_neckline_is_stressed_under_the_same_seed_and_then_drawn_under_another() -> None:
    atelier = Atelier(neckline=("polo collar", "polo collar", "crew"))
    record = await atelier.record(candidates=2)
    assert [(order.seed, order.stressed) for order in atelier.drawn] == [
        (SEED, ()),
        (SEED, ("crew neck",)),
        (candidate_seed(SEED, 1), ("crew neck",)),
    ]
    assert [line.remedy_for for line in record.candidates] == [[], ["neckline"], ["neckline"]]
    assert [line.chosen for line in record.candidates] == [False, False, True]
    assert record.score_10 == 10.0


async def test_nothing_but_the_colour_is_stressed_for_a_wrong_colour() -> None:
    atelier = Atelier(lambda order: ("dark blue" if order.stressed else "grey", MIDDLE))
    record = await atelier.record()
    first, second = atelier.drawn
    assert second.stressed == ("dark blue",)
    assert (second.prompt, second.seed, second.width) == (first.prompt, first.seed, first.width)
    assert record.verdict["colours"].state == "pass"


async def test_a_colour_that_no_drawing_mends_is_dyed() -> None:
    atelier = Atelier(lambda _: ("red", MIDDLE))
    record = await atelier.record(candidates=2)
    assert len(atelier.drawn) == 3
    assert record.cost is not None
    assert record.cost.pictures == 3
    (chosen,) = [line for line in record.candidates if line.chosen]
    assert (chosen.repairs, chosen.failed) == (["colours"], [])
    assert record.verdict["colours"].state == "pass"


async def test_framing_is_put_right_without_another_picture() -> None:
    atelier = Atelier(lambda _: ("dark blue", (8, 4)))
    record = await atelier.record()
    assert len(atelier.drawn) == 1
    assert record.candidates[0].repairs == ["framing"]
    assert record.candidates[0].as_drawn == 9.5
    assert record.verdict["framing"].state == "pass"


@pytest.mark.parametrize("pictures", [1, 2, 5])
async def test_a_budget_of_pictures_is_never_exceeded(pictures: int) -> None:
    atelier = Atelier(lambda _: ("grey", MIDDLE))
    record = await atelier.record(candidates=3, pictures=pictures)
    assert len(atelier.drawn) == pictures
    assert record.status == "succeeded"


async def test_no_picture_begins_that_is_not_foreseen_to_fit_the_device_seconds() -> None:
    atelier = Atelier(lambda _: ("grey", MIDDLE), device_s=2.0)
    record = await atelier.record(candidates=8, device_seconds=5.0)
    assert len(atelier.drawn) == 2
    assert record.cost is not None
    assert record.cost.device_seconds <= 5.0


async def test_only_the_chosen_draft_is_drawn_large_and_from_the_draft() -> None:
    atelier = Atelier(neckline=("polo collar", "crew"))
    record = await atelier.record(renderer={"width": 256, "height": 256, "draft": 128, "finish": 0.5})
    assert [(order.width, order.edit is not None) for order in atelier.drawn] == [
        (128, False),
        (128, False),
        (256, True),
    ]
    large = atelier.drawn[-1]
    assert large.edit is not None
    assert (large.edit.strength, large.edit.picture.size, large.stressed) == (0.5, (256, 256), ("crew neck",))
    assert record.cost is not None
    assert (record.cost.pictures, record.cost.drafts) == (3, 2)
    assert [line.chosen for line in record.candidates] == [False, False, True]


async def test_a_large_picture_that_lost_what_its_draft_showed_is_drawn_once_without_it() -> None:
    atelier = Atelier(neckline=("crew", "polo collar", "crew"))
    record = await atelier.record(renderer={"draft": 128})
    assert [order.edit is not None for order in atelier.drawn] == [False, True, False]
    assert record.score_10 == 10.0


async def test_who_asks_for_one_candidate_gets_one_picture() -> None:
    atelier = Atelier(lambda _: ("grey", MIDDLE))
    await atelier.record(candidates=1)
    assert len(atelier.drawn) == 1


async def test_an_order_that_is_itself_at_fault_is_not_repeated() -> None:
    atelier = Atelier()
    orders: list[RenderOrder] = []

    async def refusing(order: RenderOrder, _watch: Any = None) -> Refusal:
        orders.append(order)
        return Refusal("bad_size", "too large")

    atelier.render = refusing  # type: ignore[method-assign,assignment]
    record = await atelier.record(candidates=4)
    assert (record.status, len(orders)) == ("rejected", 1)


async def test_a_draft_that_leaves_nothing_for_the_large_picture_says_what_to_allow() -> None:
    atelier = Atelier(device_s=2.0)
    record = await atelier.record(renderer={"draft": 128}, device_seconds=3.0)
    assert record.status == "rejected"
    assert record.rejection is not None
    assert record.rejection.code == "no_budget"
