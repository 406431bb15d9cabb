"""The glossary cannot be overruled: every case of the list comes out right, and what it does not concern stays."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve_app.catalogue.glossary import enforce, glossary, guard

CASES: list[list[str]] = tomllib.loads((Path(__file__).parent / "glossary.toml").read_text("utf-8"))["cases"]


@pytest.mark.parametrize(("source", "translation", "right"), CASES)
def test_a_term_of_the_trade_is_put_right(source: str, translation: str, right: str) -> None:
    assert enforce(source, translation) == right


@pytest.mark.parametrize(("source", "translation", "right"), CASES)
def test_what_is_right_stays_as_it_is(source: str, translation: str, right: str) -> None:
    assert enforce(source, right) == right


def test_a_term_that_the_translator_lost_is_added() -> None:
    assert enforce("Hemd mit Brusttasche", "A shirt") == "A shirt [chest pocket]"


def test_words_are_only_replaced_where_the_source_has_the_term() -> None:
    assert enforce("Für die junge Frau", "For the young woman") == "For the young woman"


@given(st.text(alphabet="young Young-boys kids' T-shirt,.\n", max_size=60))
def test_a_boys_article_is_never_young(translation: str) -> None:
    assert "young " not in f"{enforce('Kinder-Jungen-T-Shirt', f'A {translation} young shirt')} ".lower()


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("r-neck,dark blue,mel", "Rundhalsausschnitt,dark blue,meliert"),
        ("Y/D Streifen", "garngefärbt Streifen"),
        ("AOP", "Allover-Druck"),
        ("Melone, Kamel", "Melone, Kamel"),
    ],
)
def test_codes_are_spelt_out_as_whole_words(code: str, plain: str) -> None:
    assert guard(code) == plain


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_passes(source: str, translation: str) -> None:
    guard(source)
    enforce(source, translation)


def test_every_target_satisfies_its_own_term() -> None:
    terms = glossary().terms
    assert [term.target for term in terms if term.missing(term.target)] == []
    assert [term.target for term in terms if term.corrected(term.target) != term.target] == []
