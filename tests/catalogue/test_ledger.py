"""The ledger: who said what, what wins, and what is dropped with its reason."""

from models.domain import Attributes, Colour, Refusal
from serve_app.catalogue.answers import answer
from serve_app.catalogue.ledger import Ledger, reconcile
from serve_app.catalogue.listing import Listing

SHIRT = Listing(
    "Herren-Hemd mit Kentkragen", "Das Hemd aus Baumwolle hat eine Stickerei am Ärmel.", "Hemd kurzarm", "navy"
)


def dropped(ledger: Ledger) -> dict[str, str]:
    return {f"{d.attribute}:{d.value}": d.reason for d in ledger.dropped}


def test_each_column_is_read_by_its_own_witness() -> None:
    witnesses = {(c.attribute, c.column, c.witness) for c in reconcile(SHIRT).claims}
    assert ("colours", "model_descr", "shorthand") in witnesses
    assert ("neckline", "name", "lexicon") in witnesses


def test_what_a_model_invents_is_dropped_with_the_reason() -> None:
    invented = Attributes(
        colours=(Colour("red"),), materials=("silk",), pattern=("striped",), features=("gold buttons",)
    )
    ledger = reconcile(SHIRT, "", invented)
    assert ledger.attributes == reconcile(SHIRT).attributes
    assert set(dropped(ledger)) >= {"colours:red", "materials:silk", "pattern:striped", "features:gold buttons"}


def test_a_model_does_not_overrule_the_source() -> None:
    ledger = reconcile(SHIRT, "", Attributes(product_type="dress", audience="women", sleeve="long"))
    assert (ledger.attributes.product_type, ledger.attributes.audience, ledger.attributes.sleeve) == (
        "shirt",
        "men",
        "short",
    )


def test_a_model_may_compose_a_feature_from_one_sentence() -> None:
    ledger = reconcile(SHIRT, "", Attributes(features=("embroidery at the sleeve",)))
    said = ledger.of("features", "embroidery at the sleeve")
    assert [(c.witness, c.text) for c in said] == [("llm", "Stickerei am Ärmel")]


def test_a_feature_composed_over_two_sentences_is_no_feature() -> None:
    apart = Listing("Herren-Hemd", "Mit Stickerei. Der Ärmel ist kurz.", "", "")
    assert reconcile(apart, "", Attributes(features=("embroidery at the sleeve",))).attributes.features == ()


def test_the_copy_beats_the_merchandise_group() -> None:
    blouse = Listing("Damen-Bluse", "Mit 3/4-Ärmeln.", "Bluse langarm", "")
    ledger = reconcile(blouse)
    assert ledger.attributes.sleeve == "3/4"
    assert "sleeve:long" in dropped(ledger)


def test_a_polo_has_its_collar_though_the_copy_says_round() -> None:
    polo = Listing("Herren-Poloshirt", "Mit Rundhalsausschnitt und Knopfleiste.", "Poloshirt", "polo,white")
    assert reconcile(polo).attributes.neckline == "polo collar"


def test_the_audience_is_what_the_copy_names_most() -> None:
    mixed = Listing("Damen-T-Shirt", "Das Herren-T-Shirt sitzt gut.\nHerren-T-Shirt mit Rundhals", "T-Shirt", "")
    ledger = reconcile(mixed)
    assert ledger.attributes.audience == "men"
    assert "audience:women" in dropped(ledger)


def test_young_is_no_boy() -> None:
    assert (
        reconcile(Listing("Damen-Bluse", "Für die junge Frau mit jungen Ideen.", "", "")).attributes.audience == "women"
    )


def test_a_person_on_a_print_is_no_audience() -> None:
    print_of = Listing("Kinder-Jungen-T-Shirt", "", "", "blau, Druck Skater Mädchen")
    assert reconcile(print_of).attributes.audience == "boys"


def test_what_the_article_goes_with_is_not_the_article() -> None:
    top = Listing("Damen-Top", "Lässt sich gut zu blauen Jeans kombinieren.", "Top", "rosa")
    read = reconcile(top).attributes
    assert (read.product_type, [c.value for c in read.colours]) == ("tank top", ["pink"])


def test_a_sellers_answer_comes_first() -> None:
    said = answer("colours", "dunkelgrün")
    assert not isinstance(said, Refusal)
    ledger = reconcile(SHIRT, answers=said)
    assert ledger.attributes.colours == (Colour("dark green", "base"),)
    assert dropped(ledger)["colours:navy"] == "answered otherwise"


def test_an_answer_keeps_the_stated_contrast() -> None:
    said = answer("colours", "white")
    assert not isinstance(said, Refusal)
    ledger = reconcile(Listing("Herren-Hemd", "", "", "checked,red contrast"), answers=said)
    assert ledger.attributes.colours == (Colour("white", "base"), Colour("red", "contrast"))
