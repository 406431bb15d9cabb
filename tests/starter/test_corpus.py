"""The composed corpus: right German, labels from the vocabulary, and nothing stated that was cut off."""

from itertools import islice

import numpy as np
import pytest

from models.phi3.schema import to_json
from models.starter.corpus.german import Article, Case, Noun
from models.starter.corpus.listings import DESCRIPTION_BYTES, NAME_BYTES, listings
from models.starter.corpus.pairs import composed, held_out_sentences, shorthand
from models.starter.corpus.telling import held_out
from models.starter.corpus.wording import read, words
from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon

DRUCK = Noun("Druck", "m", "print", adjective=("groß", "large"))
KNOEPFE = Noun("Knöpfe", "p", "buttons", "Knöpfen", ("klein", "small"))
SPITZE = Noun("Spitze", "f", "lace", adjective=("=rosa", "pink"), mass=True)


@pytest.mark.parametrize(
    ("noun", "case", "article", "german"),
    [
        (DRUCK, "nom", "def", "der große Druck"),
        (DRUCK, "acc", "ein", "einen großen Druck"),
        (DRUCK, "dat", "none", "großem Druck"),
        (DRUCK, "nom", "sein", "sein großer Druck"),
        (KNOEPFE, "dat", "none", "kleinen Knöpfen"),
        (KNOEPFE, "nom", "ein", "kleine Knöpfe"),
        (KNOEPFE, "acc", "sein", "seine kleinen Knöpfe"),
        (SPITZE, "dat", "dies", "dieser rosa Spitze"),
    ],
)
def test_noun_phrases_take_german_endings(noun: Noun, case: Case, article: Article, german: str) -> None:
    assert noun.german_phrase(case, article) == german


def test_english_phrases_take_an_article_only_where_english_does() -> None:
    assert [noun.english_phrase("a") for noun in (DRUCK, KNOEPFE, SPITZE)] == [
        "a large print",
        "small buttons",
        "pink lace",
    ]


def test_everything_a_noun_states_is_a_word_of_the_vocabulary() -> None:
    known = vocabulary()
    allowed = {
        "pattern": set(known.patterns), "neckline": set(known.necklines), "sleeve": set(known.sleeves),
        "closure": set(known.closures), "fit": set(known.fits), "features": set(lexicon("de").sections["features"]),
        "motif": set(lexicon("de").sections["motif"]) | {"photo", "graphic"},
    }  # fmt: skip
    wrong = {
        (name, value)
        for name, entry in read("nouns").items()
        for field, values in entry["gives"].items()
        for value in values
        if value not in allowed[field]
    }
    assert wrong == set()
    assert set(words()["types"]) == set(known.types)
    assert set(words()["colours"]) == set(known.colours)
    assert set(words()["audiences"]) == set(known.audiences)


def test_shorthand_is_cut_where_the_retail_system_cuts_it() -> None:
    for listing in islice(listings(1), 200):
        assert len(listing.model_name.encode()) <= NAME_BYTES
        assert len(listing.model_descr.encode()) <= DESCRIPTION_BYTES


def test_a_motif_text_that_is_labelled_stands_in_the_listing() -> None:
    said = [listing for listing in islice(listings(2), 300) if listing.attributes.motif_text]
    assert len(said) > 10
    assert all(listing.attributes.motif_text in listing.source for listing in said if listing.attributes.motif_text)


def test_t_shirts_state_a_sleeve_only_when_one_is_named() -> None:
    shirts = [
        one for one in islice(listings(3), 400) if one.attributes.product_type == "t-shirt" and one.attributes.sleeve
    ]
    named = ("ärmel", "arm", "Arm", "Ärmel", "1/1", "1/2", "3/4", "slv", "sleeve", "Träger", "Langarm", "Kurzarm")
    assert shirts
    assert [one.source for one in shirts if not any(word in one.source for word in named)] == []


def test_a_seed_gives_the_same_listings_again() -> None:
    first, again = ([to_json(one.attributes) + one.source for one in islice(listings(4), 20)] for _ in range(2))
    assert first == again


def test_held_out_sentences_are_not_in_the_training_stream() -> None:
    kept = {german for german, _ in held_out_sentences(100)}
    assert len(kept) == 100
    assert not kept & {german for german, _ in islice(composed(5), 3000)}


def test_some_templates_of_every_kind_are_held_out() -> None:
    for kind in ("name", "description", "bullet"):
        unseen = [german for german, _ in read("sentences")[kind] if held_out(german)]
        assert 0 < len(unseen) < len(read("sentences")[kind]) / 2


def test_a_line_of_shorthand_is_as_long_as_its_translation() -> None:
    rng = np.random.default_rng(6)
    for german, english in (shorthand(rng) for _ in range(50)):
        assert german.count(",") == english.count(","), (german, english)
