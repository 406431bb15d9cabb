"""Stated motif text is read back, set again smaller where nobody can read it, and drawn anew where that is no help."""

from dataclasses import dataclass, field, replace
from typing import Any

from test_article import MODELS, Scripted

from models.domain import Picture, ReadOrder, Refusal, TextLine
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.remedies import LETTERING
from serve_app.stories.article import Options, Outcome, photograph
from serve_app.stories.steps import Steps

SAYS = Listing("Herren-T-Shirt", 'Shirt mit dem Schriftzug "Happy Days".', "T-Shirt", "r-neck,basic,dark blue")
SILENT = Listing("Herren-T-Shirt", "Herren-T-Shirt mit Rundhalsausschnitt.", "T-Shirt", "r-neck,basic,dark blue")


@dataclass
class Reads:
    """A reader that says `texts` one after the other, the last one for ever."""

    texts: tuple[str, ...]
    orders: list[ReadOrder] = field(default_factory=list)

    async def read(self, order: ReadOrder) -> tuple[TextLine, ...] | Refusal:
        said = self.texts[min(len(self.orders), len(self.texts) - 1)]
        self.orders.append(order)
        return (TextLine(said, 0.9, order.lines[0]),)


async def shot(reader: Reads | None, script: Scripted, listing: Listing = SAYS, **options: Any) -> Outcome:
    steps: Steps = script.steps() if reader is None else replace(script.steps(), read=reader.read)
    [outcome] = await photograph(listing, Options(**options), steps, MODELS)
    return outcome


def heights(orders: list[ReadOrder]) -> list[int]:
    return [order.lines[0][3] - order.lines[0][1] for order in orders]


async def test_text_that_can_be_read_passes_at_its_first_size() -> None:
    reader, script = Reads(("HAPPY DAYS",)), Scripted()
    outcome = await shot(reader, script)
    finding = outcome.record.verdict["motif_text"]
    assert (finding.state, finding.expected, finding.value) == ("pass", "Happy Days", 1.0)
    assert len(reader.orders) == len(script.rendered) == 1
    assert outcome.picture is not None
    assert (reader.orders[0].picture.pixels == outcome.picture.pixels).all(), "what is delivered is what was read"


async def test_text_that_cannot_be_read_is_set_again_smaller_and_nothing_is_drawn_for_it() -> None:
    reader, script = Reads(("HAPP", "HAPPY DAYS")), Scripted()
    outcome = await shot(reader, script)
    [line] = outcome.record.candidates
    assert outcome.record.verdict["motif_text"].state == "pass"
    assert line.repairs == ["motif_text"]
    assert line.as_drawn == line.score_10 - 1.5
    assert len(script.rendered) == 1
    first, second = heights(reader.orders)
    assert second < first
    assert outcome.picture is not None
    assert (reader.orders[1].picture.pixels == outcome.picture.pixels).all()


async def test_text_that_stays_illegible_is_drawn_anew_under_another_seed() -> None:
    reader, script = Reads(("HAPP",) * len(LETTERING) + ("HAPPY DAYS",)), Scripted()
    outcome = await shot(reader, script)
    assert outcome.record.verdict["motif_text"].state == "pass"
    assert [line.remedy_for for line in outcome.record.candidates] == [[], ["motif_text"]]
    assert script.rendered[0].seed != script.rendered[1].seed


async def test_text_that_nobody_can_read_fails_at_its_first_size() -> None:
    reader = Reads(("BALLYHOO",))
    outcome = await shot(reader, Scripted(), candidates=1)
    assert outcome.record.verdict["motif_text"].state == "fail"
    assert outcome.picture is not None
    assert (reader.orders[0].picture.pixels == outcome.picture.pixels).all()


async def test_without_a_reader_the_check_is_unknown_and_says_so() -> None:
    outcome = await shot(None, Scripted())
    finding = outcome.record.verdict["motif_text"]
    assert finding.state == "unknown"
    assert "nothing here reads text" in finding.reason
    assert outcome.record.score_10 == 10.0


async def test_a_listing_that_states_no_text_asks_no_reader() -> None:
    reader = Reads(("ANYTHING",))
    outcome = await shot(reader, Scripted(), SILENT)
    assert not reader.orders
    assert outcome.record.verdict["motif_text"].state == "unknown"


async def test_where_no_text_finds_room_the_check_fails_without_asking() -> None:
    class Ribbon(Scripted):
        async def render(self, order: Any) -> Picture | Refusal:
            drawn = await super().render(order)
            assert isinstance(drawn, Picture)
            pixels = drawn.pixels.copy()
            pixels[:, :122] = pixels[:, 134:] = 255
            return Picture(pixels)

    reader = Reads(("HAPPY DAYS",))
    outcome = await shot(reader, Ribbon(), candidates=1)
    assert not reader.orders
    assert outcome.record.verdict["motif_text"].state == "fail"
