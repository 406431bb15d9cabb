"""Answers are understood by the lexicon, in the sheet's language and in English, or refused with what is known."""

import pytest

from models.domain import Refusal
from serve_app.catalogue import answers
from serve_app.catalogue.completeness.naming import named
from serve_app.catalogue.completeness.visible import ATTRIBUTES, values
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import Listing

UNDERSTOOD = [
    ("audience", "für Damen", "women"),
    ("audience", "boys", "boys"),
    ("closure", "Reißverschluss", "zip"),
    ("closure", "full button front", "full button front"),
    ("colours", "Dunkelblau", "dark blue"),
    ("colours", " mint ", "mint"),
    ("fit", "schmal geschnitten", "slim fit"),
    ("fit", "oversized", "oversized"),
    ("length", "knielang", "knee length"),
    ("length", "lang", "long"),
    ("motif", "ein Faultier", "sloth"),
    ("motif", "flowers", "flower"),
    ("neckline", "rundhals", "crew"),
    ("neckline", "round neck", "crew"),
    ("pattern", "gestreift", "striped"),
    ("pattern", "kein Muster", "solid"),
    ("product_type", "Kapuzenpullover", "hoodie"),
    ("product_type", "trousers", "trousers"),
    ("product_type", "shirt", "shirt"),
    ("product_type", "Shirt", "jersey top"),
    ("sleeve", "kurz", "short"),
    ("sleeve", "3/4 Arm", "3/4"),
    ("sleeve", "ohne Ärmel", "sleeveless"),
]


def values_of(attribute: str, text: str, language: str = "de") -> list[str]:
    said = answers.answer(attribute, text, language)
    assert not isinstance(said, Refusal), said.reason
    return [claim.value for claim in said]


@pytest.mark.parametrize(("attribute", "text", "value"), UNDERSTOOD)
def test_an_answer_is_the_sellers_claim_of_the_vocabularys_value(attribute: str, text: str, value: str) -> None:
    said = answers.answer(attribute, text)
    assert not isinstance(said, Refusal), said.reason
    [claim] = said
    assert (claim.attribute, claim.value, claim.witness, claim.column) == (attribute, value, "seller", "answer")
    assert claim.text == text.strip()
    assert claim.role == ("base" if attribute == "colours" else None)


def test_every_attribute_has_its_answers_tested() -> None:
    assert {attribute for attribute, _, _ in UNDERSTOOD} == set(ATTRIBUTES)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_every_value_is_understood_by_each_name_that_a_question_gives_it(attribute: str) -> None:
    wrong = {
        (value, name): said
        for value in values(attribute)  # type: ignore[arg-type]
        for name in (value, *named(attribute, value).values())  # type: ignore[arg-type]
        if (said := values_of(attribute, name)) != [value]
    }
    assert not wrong, wrong


def test_a_french_shop_answers_in_french_or_english() -> None:
    assert values_of("colours", "bleu", "fr") == values_of("colours", "blue", "fr") == ["blue"]
    assert values_of("neckline", "round neck", "fr") == ["crew"]


def test_a_print_can_show_several_subjects_and_a_garment_have_several_patterns() -> None:
    assert values_of("motif", "Katze und Hund") == ["cat", "dog"]
    assert set(values_of("pattern", "gestreift mit Stickerei")) == {"striped", "embroidery"}


@pytest.mark.parametrize(
    ("attribute", "text", "told"),
    [
        ("colours", "", "'' is no known value; known: white, ecru"),
        ("colours", "glitzernd wie das Meer", "'glitzernd wie das Meer' is no known value"),
        ("colours", "rot oder blau", "names several (red, blue); name one"),
        ("neckline", "Sattelschulter", "known: crew, v-neck"),
        ("motif", "Quantenkatze 7", "more"),
        ("colours", "nicht rot", "no known value"),
        ("neckline", "no v-neck", "no known value"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_value_and_what_is_known(
    attribute: str, text: str, told: str
) -> None:
    said = answers.answer(attribute, text)
    assert isinstance(said, Refusal), said
    assert said.code == "unknown_answer"
    assert said.reason.startswith(f"{attribute}: ")
    assert told in said.reason, said.reason


def test_what_nobody_asks_cannot_be_answered() -> None:
    said = answers.understood({"colours": "rot", "brand": "Velano"})
    assert isinstance(said, Refusal)
    assert (said.code, "colours" in said.reason) == ("unknown_attribute", True)


@pytest.mark.parametrize(("attribute", "text"), [("sleeve", "kurz"), ("neckline", "Rundhals")])
def test_an_answer_about_what_the_type_does_not_have_is_refused(attribute: str, text: str) -> None:
    said = answers.understood({attribute: text})
    assert not isinstance(said, Refusal)
    refused = answers.inapplicable(reconcile(Listing("Damen-Jeans", "", "", "blau"), answers=said))
    assert refused is not None
    assert f"'trousers' has no {attribute}" in refused.reason
    assert answers.inapplicable(reconcile(Listing("Damen-Bluse", "", "", "blau"), answers=said)) is None


def test_the_sellers_answer_beats_what_the_listing_says() -> None:
    listing = Listing("Damen-T-Shirt", "Mit V-Ausschnitt und Streifen.", "T-Shirt langarm", "rot, 1/1 Arm")
    said = answers.understood({"neckline": "Rundhals", "sleeve": "kurz", "pattern": "uni", "colours": "blau"})
    assert not isinstance(said, Refusal)
    stated = reconcile(listing, answers=said).attributes
    assert (stated.neckline, stated.sleeve, stated.pattern) == ("crew", "short", ("solid",))
    assert [colour.value for colour in stated.colours] == ["blue"]
