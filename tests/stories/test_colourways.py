"""Which colourways of an article are drawn, which are dyed from another one's picture, and what the records say."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.domain import Mask, Picture, Refusal, RenderOrder, ScoreOrder, SegmentOrder
from models.questions import questions
from models.vocabulary import vocabulary
from serve_app.catalogue.listing import Listing
from serve_app.evaluations.colourways import evaluate
from serve_app.stories.article import Options, Outcome, photograph
from serve_app.stories.steps import Steps

BLOUSE = Listing("Damen-Bluse", "Bluse mit V-Ausschnitt.", "Bluse", "S 03 Bluse")
COLOURS = ("white", "black", "dark-blue")


@dataclass
class Painter:
    """Paints a block in the colour that the prompt names, or in stripes of no colour; notes what is asked of it."""

    mixed: bool = False
    refuse: frozenset[str] = frozenset()
    strange: frozenset[str] = frozenset()  # colours whose pictures read as trousers where they are dyed
    always: bool = False  # and where they are drawn as well
    drawn: list[str] = field(default_factory=list)
    segmented: int = 0
    painted: set[bytes] = field(default_factory=set)

    async def outcomes(self, **options: Any) -> list[Outcome]:
        return await photograph(BLOUSE, Options(policy="colourways=3", **options), self.steps(), {})

    def steps(self) -> Steps:
        async def echo(text: str) -> str:
            return text

        async def silent(_: Any) -> Refusal:
            return Refusal("invalid_json", "no object")

        return Steps(echo, silent, self.render, self.score, self.segment)

    async def render(self, order: RenderOrder, _watch: Any = None) -> Picture | Refusal:
        named = [colour for colour in vocabulary().colours if f"blouse, {colour}," in order.prompt]
        colour = max(named, key=len)
        self.drawn.append(colour)
        if colour in self.refuse:
            return Refusal("out_of_memory", "too little memory")
        pixels = np.full((order.height, order.width, 3), 255, np.uint8)
        rng = np.random.default_rng(1)
        block = rng.integers(0, 256, (176, 156, 3)) if self.mixed else vocabulary().rgb(colour)
        pixels[40:216, 50:206] = block
        pixels[60:200:20, 60:196] = pixels[60:200:20, 60:196] // 2 + 30
        self.painted.add(pixels.tobytes())
        return Picture(pixels, 1.0)

    async def score(self, order: ScoreOrder) -> tuple[float, ...]:
        here = self.always or order.picture.pixels.tobytes() not in self.painted
        trousers = here and any(f" {colour} " in order.texts[0] for colour in self.strange)
        reads = {"product_type": "trousers" if trousers else "blouse", "neckline": "v-neck"}
        right = {texts[reads[question]] for question, texts in questions().items() if question in reads}
        return tuple(30.0 if text in {order.texts[0], *right} else 20.0 for text in order.texts)

    async def segment(self, order: SegmentOrder) -> Mask:
        self.segmented += 1
        alpha = np.zeros(order.picture.pixels.shape[:2], np.uint8)
        alpha[40:216, 50:206] = 255
        return Mask(alpha, 0.95)


async def test_one_colourway_is_drawn_and_the_others_are_dyed_from_it() -> None:
    painter = Painter()
    records = [outcome.record for outcome in await painter.outcomes()]
    ids = [f"{BLOUSE.article_id}-{colour}" for colour in COLOURS]
    assert [record.article_id for record in records] == ids
    assert (painter.drawn, painter.segmented) == (["dark blue"], 1)
    assert [record.derived_from for record in records] == [ids[2], ids[2], None]
    assert [record.cost.pictures for record in records if record.cost] == [0, 0, 1]


async def test_every_colourway_has_its_own_prompt_ledger_and_verdict() -> None:
    records = [outcome.record for outcome in await Painter().outcomes()]
    for record, colour in zip(records, ("white", "black", "dark blue"), strict=True):
        assert record.status == "succeeded"
        assert f", {colour}," in record.generation_prompt
        assert (record.verdict["colours"].state, record.verdict["colours"].expected) == ("pass", f"{colour} (base)")
        assert [claim["value"] for claim in record.ledger if claim["attribute"] == "colours"] == [colour]
        assert [line.chosen for line in record.candidates] == [True]


async def test_all_records_of_a_family_say_how_well_it_goes_together() -> None:
    records = [outcome.record for outcome in await Painter().outcomes()]
    family = records[0].family
    assert family is not None
    assert all(record.family == family for record in records)
    assert family.base == records[2].article_id
    assert set(family.members) == {record.article_id for record in records}
    assert family.framing_iou > 0.99
    assert family.consistent


async def test_what_cannot_be_dyed_is_drawn_and_says_why() -> None:
    painter = Painter(mixed=True)
    records = [outcome.record for outcome in await painter.outcomes(candidates=1)]
    assert sorted(painter.drawn) == ["black", "dark blue", "white"]
    assert [record.derived_from for record in records] == [None] * 3
    assert all(record.notes[-1].startswith("colourway: drawn, not dyed: ") for record in records[:2]), records[0].notes


async def test_a_dyed_picture_that_fails_what_its_base_passes_is_drawn_instead() -> None:
    painter = Painter(strange=frozenset({"black"}))
    white, black, _ = [outcome.record for outcome in await painter.outcomes(candidates=1)]
    assert painter.drawn == ["dark blue", "black"]
    assert (white.derived_from is None, black.derived_from) == (False, None)
    assert black.notes[-1] == "colourway: drawn, not dyed: it failed product_type"


async def test_a_dyed_picture_is_kept_where_the_drawn_one_passes_no_more() -> None:
    painter = Painter(strange=frozenset({"black"}), always=True)
    _, black, blue = [outcome.record for outcome in await painter.outcomes(candidates=1)]
    assert painter.drawn == ["dark blue", "black"]
    assert black.derived_from == blue.article_id
    assert black.notes[-1] == "colourway: dyed; drawn, it was no better: it failed product_type"
    assert [line.chosen for line in black.candidates] == [False, True]
    assert black.cost is not None
    assert black.cost.pictures == 1
    assert black.family is not None
    assert black.family.framing_iou > 0.99


async def test_without_a_picture_to_dye_the_others_are_drawn() -> None:
    painter = Painter(refuse=frozenset({"dark blue"}))
    records = [outcome.record for outcome in await painter.outcomes(candidates=1)]
    assert [record.status for record in records] == ["succeeded", "succeeded", "failed"]
    assert sorted(painter.drawn) == ["black", "dark blue", "white"]


async def test_a_dry_run_draws_and_dyes_nothing() -> None:
    painter = Painter()
    records = [outcome.record for outcome in await painter.outcomes(dry_run=True)]
    assert ([record.status for record in records], painter.drawn) == (["planned"] * 3, [])


async def test_the_evaluation_counts_what_was_dyed_and_what_it_saved() -> None:
    painter = Painter(strange=frozenset({"black"}))
    lines = [outcome.record.model_dump(mode="json") for outcome in await painter.outcomes(candidates=1)]
    figures = evaluate({BLOUSE.article_id: [line | {"image_path": "x.png"} for line in lines]})
    assert (figures["families"], figures["pictures"], figures["dyed"]) == (1, 3, 1)
    assert figures["drawn instead"] == {"colourway: drawn, not dyed: it failed product_type": 1}
    assert figures["pictures drawn per picture shown"] == 0.6667
    assert figures["framing IoU"]["least"] > 0.99
    judged = figures["light distance"]["families judged by it"]["families"]
    assert judged == int(BLOUSE.article_id, 16) % 2
