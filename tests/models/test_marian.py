"""The Marian adapter on the shipped pack: layout, cache, failures, and what the trade's words become."""

import pytest

from models.domain import Refusal
from models.marian.adapter import Marian
from models.marian.recipe import MarianRecipe
from models.marian.sentences import halves, sentences
from models.starter.corpus.pairs import held_out_sentences

LISTING = (
    "Das Hemd ist nach OEKO-TEX® Standard 100 zertifiziert. Ideal für den Alltag.\n\n\n\t- Mit Brusttasche\n\t44/46\n"
)


@pytest.fixture(scope="module")
def marian() -> Marian:
    return MarianRecipe(threads=1).load()


@pytest.mark.parametrize(
    "text",
    [
        LISTING,
        "",
        "\n\n",
        "  Bluse ",
        "1. Punkt\n2. Punkt",
        "z.B. Gr. 44. Am 1. Mai neu!",
        "•  a\n\n• b.  C",
        "\t\xa0\n.",
        "a" * 999,
    ],
)
def test_sentences_and_their_layout_join_to_the_text_they_came_from(text: str) -> None:
    assert "".join(sentence.layout + sentence.text for sentence in sentences(text)) == text


def test_german_abbreviations_and_ordinals_end_no_sentence() -> None:
    found = [
        sentence.text for sentence in sentences("In Gr. 44 z.B. ab dem 1. Mai. Nach Standard 100. Das Hemd passt.")
    ]
    assert found == ["In Gr. 44 z.B. ab dem 1. Mai.", "Nach Standard 100.", "Das Hemd passt."]


def test_a_bullet_stays_in_the_layout() -> None:
    assert [(piece.layout, piece.text) for piece in sentences("- Mit Kapuze\n• Weich")] == [
        ("- ", "Mit Kapuze"),
        ("\n• ", "Weich"),
    ]


def test_pieces_of_a_sentence_that_is_too_long_fit_and_join_to_it() -> None:
    text = "weiches Hemd mit Kragen, zwei Taschen und Knöpfen, aus reiner Baumwolle"
    pieces = halves(text, lambda piece: len(piece) <= 30)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 30


def test_the_translation_keeps_lines_and_bullets(marian: Marian) -> None:
    (english,) = marian.translate([LISTING])
    assert isinstance(english, str)
    assert english.count("\n") == LISTING.count("\n")
    assert "\n\n\n\t- " in english
    assert english.endswith("44/46\n"), english


def test_an_empty_text_stays_empty_and_signs_stay_as_they_are(marian: Marian) -> None:
    assert marian.translate(["", "44/46", "\n"]) == ["", "44/46", "\n"]


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Herren-T-Shirt mit großem Frontdruck", "men's t-shirt with large front print"),
        ("Kinder-Jungen-Poloshirt in Dunkelblau", "boys' polo shirt in dark blue"),
        ("Kinder-Mädchen-Bluse mit Rüschen", "girls' blouse with ruffles"),
        ("Damen-Langarmshirt mit garngefärbten Streifen", "women's long-sleeve top with yarn-dyed stripes"),
        ("Herren-Kurzarm-Hemd mit aufgesetzter Brusttasche", "men's short-sleeve shirt with patch chest pocket"),
    ],
)
def test_names_of_articles_come_out_in_the_words_of_the_trade(marian: Marian, german: str, english: str) -> None:
    (said,) = marian.translate([german])
    assert isinstance(said, str)
    assert said.lower() == english


def test_boys_are_never_young_and_a_shirts_tasche_is_a_pocket(marian: Marian) -> None:
    said = " ".join(
        map(str, marian.translate(["Kinder-Jungen-T-Shirt mit Tasche", "Jungen-Hemd mit praktischer Tasche"]))
    )
    assert said.lower().count("boys'") == 2, said
    assert said.lower().count("pocket") == 2, said
    assert "young" not in said
    assert "bag" not in said


def test_a_text_that_cannot_be_read_is_refused_and_its_neighbours_are_translated(marian: Marian) -> None:
    before, broken, long, after = marian.translate(["Bluse mit Spitze", "\ud800", "Hemd " * 9999, "Bluse mit Spitze"])
    assert isinstance(broken, Refusal)
    assert isinstance(long, Refusal)
    assert (broken.code, long.code) == ("text_not_readable", "text_too_long")
    assert isinstance(before, str)
    assert before == after


def test_a_sentence_means_the_same_alone_and_in_company(marian: Marian) -> None:
    texts = ["Strickjacke mit Knöpfen", LISTING, "Hose mit elastischem Bund in Schwarz und Details in Weiß"]
    together = MarianRecipe(threads=1).load().translate(texts)
    assert [marian.translate([text])[0] for text in texts] == together


def test_a_known_sentence_is_not_translated_again(marian: Marian, monkeypatch: pytest.MonkeyPatch) -> None:
    first = marian.translate(["Rock mit Taschen"])
    monkeypatch.setattr(marian, "_generate", lambda batch: pytest.fail(f"translated again: {batch!r}"))
    assert marian.translate(["Rock mit Taschen"]) == first


@pytest.fixture(scope="module")
def int8() -> Marian:
    return MarianRecipe(threads=1, engine="ctranslate2").load()


def test_in_8_bit_the_words_are_the_same_but_for_rounding(marian: Marian, int8: Marian) -> None:
    german = [pair[0] for pair in held_out_sentences(200)]
    said, wanted = int8.translate(german), marian.translate(german)
    assert sum(map(str.__eq__, map(str, said), map(str, wanted))) >= 190


def test_in_8_bit_a_sentence_means_the_same_alone_and_in_company(int8: Marian) -> None:
    texts = ["Strickjacke mit Knöpfen", LISTING, "Hose mit elastischem Bund in Schwarz und Details in Weiß"]
    together = MarianRecipe(threads=1, engine="ctranslate2").load().translate(texts)
    assert [int8.translate([text])[0] for text in texts] == together
