"""How complete a listing is, in bits of what its picture leaves open, and the question that takes most of them away."""

import math
from itertools import pairwise

import pytest

from serve_app.catalogue import answers, completeness, policy
from serve_app.catalogue.completeness.ambiguity import left_open, whole
from serve_app.catalogue.completeness.prior import counts, entropy, shares
from serve_app.catalogue.completeness.visible import ATTRIBUTES, Attribute, kind, usual, values
from serve_app.catalogue.ledger import Ledger, reconcile
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.record import Completeness, Question

WHOLE = Listing(
    "Herren-T-Shirt", "Kurzarm, Rundhalsausschnitt, Regular Fit.", "T-Shirt", "r-neck, dunkelblau, uni, 1/2 Arm"
)


def measured(name: str, descr: str = "", description: str = "") -> Completeness:
    return completeness.measure(reconcile(Listing(name, description, "", descr)))


def asked(found: Completeness) -> str | None:
    return None if found.question is None else found.question.attribute


def answered(listing: Listing, **given: str) -> Ledger:
    claims = answers.understood(given)
    assert isinstance(claims, list), claims
    return reconcile(listing, answers=claims)


def test_a_listing_that_says_nothing_scores_0_and_one_that_says_all_scores_1() -> None:
    assert measured("Schöner Artikel").score == 0.0
    found = completeness.measure(reconcile(WHOLE))
    assert (found.score, found.open, found.question) == (1.0, [], None)


def test_every_statement_raises_the_score_and_none_lowers_it() -> None:
    said = ["", "Artikel", "T-Shirt", "Herren-T-Shirt", "Herren-T-Shirt rot", "Herren-T-Shirt rot uni"]
    scores = [measured(name).score for name in (*said, "Herren-T-Shirt rot uni Rundhals", "V-Neck-Herrenshirt rot")]
    assert all(a <= b for a, b in pairwise(scores[: len(said) + 1])), scores


def test_the_score_is_the_share_of_bits_that_the_listing_settles() -> None:
    ledger = reconcile(Listing("Herren-T-Shirt", "", "", "r-neck,basic,blue"))
    found = completeness.measure(ledger)
    assert found.score == pytest.approx(1 - sum(left_open(ledger).values()) / whole(ledger), abs=1e-4)


def test_an_open_attribute_has_the_entropy_of_what_a_picture_tells_apart() -> None:
    [pattern, *_] = measured("Herren-T-Shirt", "r-neck,basic,blue").open
    likely = dict(shares("pattern", "t-shirt", "men"))
    likely["print"] += likely.pop("placement print")
    assert (pattern.attribute, pattern.bits) == ("pattern", pytest.approx(entropy(likely.values()), abs=1e-4))


@pytest.mark.parametrize(
    ("name", "descr", "attribute"),
    [
        ("Schöner Artikel", "rot", "product_type"),
        ("Herren-T-Shirt", "r-neck,print", "colours"),  # a picture cannot be drawn without
        ("Herren-T-Shirt", "r-neck,black,print", "motif"),
        ("Damen-Rock", "blau,uni", "length"),
        ("Damen-Bluse", "rose,uni", "neckline"),
        ("T-Shirt", "r-neck,black,uni", "audience"),
        ("Herren-T-Shirt", "r-neck,black", "pattern"),
        ("Herren-Hoodie", "petrol,uni", None),  # sleeves and cut as hoodies have them
    ],
)
def test_the_question_is_what_a_sensible_assistant_would_ask(name: str, descr: str, attribute: str | None) -> None:
    found = measured(name, descr)
    assert asked(found) == attribute, found.open


def test_trousers_are_asked_for_neither_sleeve_nor_neckline() -> None:
    assert {"sleeve", "neckline"}.isdisjoint(one.attribute for one in measured("Damen-Jeans").open)


@pytest.mark.parametrize(("descr", "open_"), [("AOP", True), ("AOP gestreift", False), ("Druck Katze", False)])
def test_a_print_is_open_until_something_says_what_it_shows(descr: str, open_: bool) -> None:
    assert ("motif" in [one.attribute for one in measured("Damen-Bluse", f"rot, {descr}").open]) is open_


@pytest.mark.parametrize(
    ("listing", "attribute", "between"),
    [
        (Listing("Damen-T-Shirt", "Herrenshirt für Herren.", "", "black,uni,r-neck"), "audience", {"men", "women"}),
        (Listing("Damen-Bluse", "Bluse mit Rundhals.", "", "rot, v-neck"), "neckline", {"crew", "v-neck"}),
        (Listing("Damen-Bluse", "Kurzarm.", "", "rot, 1/1 Arm"), "sleeve", {"short", "long"}),
        (Listing("Herren-T-Shirt", "In der Farbe Rot.", "", "r-neck,blue"), "colours", {"blue", "red"}),
    ],
)
def test_where_witnesses_contradict_each_other_the_choice_is_open(
    listing: Listing, attribute: Attribute, between: set[str]
) -> None:
    ledger = reconcile(listing)
    [one] = [one for one in completeness.measure(ledger).open if one.attribute == attribute]
    assert (set(one.contested), one.bits) == (between, 1.0)
    assert set(completeness.question(ledger, attribute).suggestions) == between
    settled = answered(listing, **{attribute: sorted(between)[0]})
    assert left_open(settled)[attribute] == 0.0


@pytest.mark.parametrize(
    "listing",
    [
        Listing("Damen-Bluse", "3/4-Ärmel.", "Bluse langarm", "rot"),  # the merchandise group is coarse
        Listing("Herren-Poloshirt", "Mit Rundhals am Bund.", "", "rot"),  # what the type contains
        Listing("Herren-T-Shirt", "In der Farbe Blau.", "", "dark blue"),  # a shade of the same
    ],
)
def test_a_more_precise_statement_is_no_contradiction(listing: Listing) -> None:
    assert not [one for one in completeness.measure(reconcile(listing)).open if one.contested]


def test_colours_on_offer_are_as_open_as_there_are_of_them() -> None:
    found = measured("Herren-Hose", "twill", "In Khaki oder Schwarz.")
    assert {one.attribute: one.bits for one in found.open}["colours"] == 1.0
    assert found.question is not None
    assert [(one.value, one.share) for one in found.question.suggested] == [("olive", 0.5), ("black", 0.5)]


def test_what_the_house_chose_settles_nothing_that_the_listing_left_open() -> None:
    ledger = reconcile(Listing("Damen-Bluse", "", "", "uni"))
    before = completeness.measure(ledger)
    policy.complete(ledger, policy.parse("neutral"))
    assert completeness.measure(ledger) == before
    assert "colours" in [one.attribute for one in before.open]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_a_question_has_two_languages_and_at_most_six_answers_the_likeliest_first(attribute: Attribute) -> None:
    question = completeness.question(reconcile(Listing("Damen-Rock", "", "", "Druck")), attribute)
    assert set(question.text) == {"de", "en"}
    assert 1 <= len(question.suggestions) <= 6
    assert question.suggestions == [one.value for one in question.suggested]
    assert all(a.share >= b.share for a, b in pairwise(question.suggested)), question.suggested
    assert all(set(one.names) == {"de", "en"} and all(one.names.values()) for one in question.suggested)


@pytest.mark.parametrize("attribute", sorted(set(ATTRIBUTES) - {"product_type", "audience", "motif"}))
def test_an_answer_brings_on_average_what_the_question_promised(attribute: Attribute) -> None:
    """Over the prior: what is open now, less what is open after each answer as often as it is given."""
    listing = Listing("Damen-Rock" if attribute == "length" else "Herren-Hemd", "", "", "")
    ledger = reconcile(listing)
    likely = shares(attribute, ledger.attributes.product_type, ledger.attributes.audience)
    after = sum(share * sum(left_open(answered(listing, **{attribute: v})).values()) for v, share in likely.items())
    promised = completeness.question(ledger, attribute).removes
    assert sum(left_open(ledger).values()) - after == pytest.approx(promised, abs=2e-3)


@pytest.mark.parametrize("attribute", ["audience", "product_type"])
def test_an_answer_about_type_or_audience_brings_on_average_its_own_bits(attribute: Attribute) -> None:
    listing = Listing("Artikel", "", "", "") if attribute == "product_type" else Listing("T-Shirt", "", "", "")
    likely = shares(attribute)
    ledger = reconcile(listing)
    after = sum(share * sum(left_open(answered(listing, **{attribute: v})).values()) for v, share in likely.items())
    assert sum(left_open(ledger).values()) - after == pytest.approx(left_open(ledger)[attribute], abs=2e-3)


def test_the_policy_asks_the_same_question() -> None:
    ledger = reconcile(Listing("Damen-Bluse", "", "", "AOP"))
    question = policy.complete(ledger, policy.parse("ask"))
    assert isinstance(question, Question)
    assert question == completeness.measure(ledger).question
    assert question.attribute == "colours"


def test_the_prior_is_dated_reproducible_and_of_the_vocabulary() -> None:
    assert kind().prior == "prior-2026-11-22"
    for attribute, types in counts().items():
        known = set(values(attribute))  # type: ignore[arg-type]
        assert {v for by in types.values() for found in by.values() for v in found} <= known, attribute
    for attribute in ATTRIBUTES:
        for of in values("product_type"):
            for who in (*values("audience"), None):
                found = shares(attribute, of, who)
                assert math.isclose(sum(found.values()), 1.0), (attribute, of, who)
                assert min(found.values()) > 0.0, (attribute, of, who)


def test_a_usual_value_is_one_that_the_type_can_have() -> None:
    for attribute in ATTRIBUTES:
        for of in values("product_type"):
            standard = usual(attribute, of) if attribute not in ("product_type", "audience") else None
            assert standard is None or standard in values(attribute, of), (attribute, of, standard)
