"""What a seller answers stands in ledger, prompts and verdict; the models are doubles, the lexicon is not."""

from dataclasses import asdict
from typing import Any

import pytest
from bench import Bench

from serve_app.catalogue.claims import Claim
from serve_app.catalogue.completeness.visible import ATTRIBUTES
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.prompts import audit
from serve_app.catalogue.record import Record
from serve_app.stories.article import Options, photograph

SHIRT = Listing("Herren-T-Shirt", "Kurzarm mit Rundhalsausschnitt.", "T-Shirt", "dunkelblau, gestreift")
SKIRT = Listing("Damen-Rock", "", "Rock", "rot, uni")
# attribute, listing, answer, what the generation prompt then says
CASES = [
    ("audience", Listing("T-Shirt", "", "", "rot"), "für Damen", "women's t-shirt"),
    ("closure", Listing("Herren-Jacke", "", "", "rot"), "Druckknöpfe", "press studs"),
    ("colours", Listing("Herren-T-Shirt", "", "", "uni"), "weinrot", "dark red"),
    ("fit", SHIRT, "oversized", "oversized"),
    ("length", SKIRT, "bodenlang", "maxi"),
    ("motif", Listing("Herren-T-Shirt", "", "", "rot, Druck"), "ein Faultier", "sloth motif"),
    ("neckline", SHIRT, "V-Ausschnitt", "v-neck"),
    ("pattern", SHIRT, "kariert", "checked"),
    ("product_type", Listing("Schöner Artikel für Herren", "", "", "rot"), "Kapuzenpullover", "men's hoodie"),
    ("sleeve", SHIRT, "lang", "long sleeves"),
]
JUDGED = {"colours", "neckline", "pattern", "product_type", "sleeve"}


async def record_of(listing: Listing, **options: Any) -> Record:
    bench = Bench()
    facts = await bench.fleet().about()
    (outcome,) = await photograph(listing, Options(candidates=1, **options), bench.steps(), facts)
    return outcome.record


def test_every_attribute_that_can_be_asked_for_is_answered_here() -> None:
    assert tuple(attribute for attribute, *_ in CASES) == ATTRIBUTES


@pytest.mark.parametrize(("attribute", "listing", "text", "drawn"), CASES, ids=[case[0] for case in CASES])
async def test_an_answer_reaches_ledger_prompt_and_verdict(
    attribute: str, listing: Listing, text: str, drawn: str
) -> None:
    before = await record_of(listing, dry_run=True)
    record = await record_of(listing, answers={attribute: text})
    assert record.status == "succeeded", (record.failure, record.rejection)
    assert drawn in record.generation_prompt
    assert drawn not in before.generation_prompt
    [claim] = [claim for claim in record.ledger if claim["attribute"] == attribute]
    assert (claim["witness"], claim["column"], claim["text"]) == ("seller", "answer", text)
    ledger = reconcile(listing, answers=[Claim(**claim)])
    assert audit.faults(listing, ledger) == []
    assert asdict(ledger.attributes) == record.attributes
    if attribute in JUDGED:
        assert record.verdict[attribute].expected, record.verdict[attribute]
    assert record.completeness is not None
    assert attribute not in [one.attribute for one in record.completeness.open]


@pytest.mark.parametrize("dry_run", [False, True])
async def test_every_record_says_how_complete_the_listing_is_and_what_is_best_asked(dry_run: bool) -> None:
    record = await record_of(Listing("Herren-T-Shirt", "Mit Rundhals.", "", "rot, Druck"), dry_run=dry_run)
    assert record.completeness is not None
    assert 0 < record.completeness.score < 1
    assert record.completeness.question is not None
    assert record.completeness.question.attribute == "motif"
    assert record.question is None, "only what no picture can be drawn without holds a picture up"


async def test_a_missing_colour_is_the_question_of_the_record_too() -> None:
    record = await record_of(Listing("Herren-T-Shirt", "", "", "rhinestones, Druck"))
    assert record.status == "needs_answer"
    assert record.completeness is not None
    assert record.question == record.completeness.question
    assert record.question is not None
    assert record.question.attribute == "colours"


@pytest.mark.parametrize(
    ("given", "code"),
    [({"neckline": "Sattelschulter"}, "unknown_answer"), ({"brand": "Velano"}, "unknown_attribute")],
)
async def test_an_answer_that_is_not_understood_rejects_the_article_and_names_it(
    given: dict[str, str], code: str
) -> None:
    record = await record_of(SHIRT, answers=given)
    assert record.rejection is not None
    assert record.rejection.code == code
    assert next(iter(given)) in record.rejection.reason


async def test_sleeves_for_a_skirt_are_refused_before_anything_is_drawn() -> None:
    record = await record_of(SKIRT, answers={"sleeve": "lang"})
    assert record.rejection is not None
    assert (record.rejection.code, "skirt" in record.rejection.reason) == ("inapplicable_answer", True)


async def test_an_answer_stands_in_the_prompt_however_much_else_there_is_to_say() -> None:
    details = "Brusttasche, Rüschen, Raffung seitlich, Rippbündchen, Seitenschlitze, gewebtes Label, Kontrastnähte"
    listing = Listing("Damen-Bluse", f"Mit {details}.", "", "rot, uni")
    record = await record_of(listing, answers={"closure": "Reißverschluss", "fit": "oversized"}, dry_run=True)
    assert {"zip", "oversized"} <= set(record.generation_prompt.split(", ")), record.generation_prompt
