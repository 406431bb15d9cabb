"""A missing colour is asked for, skipped or chosen by the house in the open; it is never guessed."""

import pytest

from models.domain import Colour, Refusal
from serve_app.catalogue import policy
from serve_app.catalogue.ledger import Ledger, reconcile
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.policy import Policy
from serve_app.catalogue.prompts import Prompts, write
from serve_app.catalogue.record import Question

PLAIN = Listing("Damen-Bluse", "Mit Stehkragen.", "Bluse", "uni")
CONTRAST = Listing("Herren-Hemd", "", "Hemd", "checked,white contrast")


def completed(listing: Listing, text: str) -> list[policy.Variant] | Question | Refusal:
    return policy.complete(reconcile(listing), policy.parse(text))


def test_one_question_in_two_languages_with_suggestions() -> None:
    question = completed(PLAIN, "ask")
    assert isinstance(question, Question)
    assert question.attribute == "colours"
    assert set(question.text) == {"de", "en"}
    assert len(question.suggestions) == 6


def test_a_contrast_alone_is_no_base_and_is_not_suggested() -> None:
    question = completed(CONTRAST, "ask")
    assert isinstance(question, Question)
    assert "white" not in question.suggestions


def test_skip_says_why() -> None:
    refusal = completed(PLAIN, "skip")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "no_base_colour"


def test_neutral_enters_the_ledger_as_the_house() -> None:
    variants = completed(CONTRAST, "neutral")
    assert isinstance(variants, list)
    (variant,) = variants
    first = variant.ledger.of("colours")[0]
    assert (first.value, first.role, first.witness) == ("light grey", "base", "house")
    assert variant.ledger.attributes.colours[1] == Colour("white", "contrast")
    assert variant.suffix == ""


def test_colourways_are_as_many_as_asked_and_named_in_the_id() -> None:
    variants = completed(PLAIN, "colourways=3")
    assert isinstance(variants, list)
    assert [v.suffix for v in variants] == ["-white", "-black", "-dark-blue"]
    prompts = [write(v.ledger) for v in variants]
    assert [p.scoring.split(" women's")[0] for p in prompts if isinstance(p, Prompts)] == [
        "a white",
        "a black",
        "a dark blue",
    ]


@pytest.mark.parametrize("text", ["ask", "skip", "neutral", "colourways=2"])
def test_a_stated_colour_needs_no_policy(text: str) -> None:
    variants = completed(Listing("Damen-Bluse", "", "", "rosa"), text)
    assert isinstance(variants, list)
    assert [v.suffix for v in variants] == [""]


def test_a_listing_without_a_type_is_asked_for_its_type() -> None:
    question = completed(Listing("Schöner Artikel", "", "", "rot"), "ask")
    assert isinstance(question, Question)
    assert question.attribute == "product_type"


def test_colours_on_offer_are_a_choice_and_not_one_garment() -> None:
    offer = Listing("Herren-Hose", "In Khaki oder Schwarz.", "Hose", "twill")
    question = completed(offer, "ask")
    assert isinstance(question, Question)
    assert question.suggestions == ["olive", "black"]
    variants = completed(offer, "colourways=2")
    assert isinstance(variants, list)
    assert [[c.value for c in v.ledger.attributes.colours] for v in variants] == [["olive"], ["black"]]


@pytest.mark.parametrize("text", ["ask", "skip", "neutral", "colourways=12"])
def test_a_policy_is_written_as_it_is_read(text: str) -> None:
    assert str(policy.parse(text)) == text


@pytest.mark.parametrize("text", ["", "colourways=0", "colourways=99", "guess", "colourways=-1"])
def test_an_unknown_policy_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="policy"):
        policy.parse(text)


def test_the_default_asks() -> None:
    assert Policy().kind == "ask"


def test_house_colours_do_not_stay_on_the_next_ledger() -> None:
    ledger: Ledger = reconcile(PLAIN)
    policy.complete(ledger, policy.parse("neutral"))
    assert ledger.attributes.colours == ()
