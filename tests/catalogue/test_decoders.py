"""Matcher and shorthand decoder: evidence stands where it says, codes mean what the trade means, nothing raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain import Attributes
from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.lexicon import fold, matcher, tokens
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.catalogue.prompts.audit import stands
from serve_app.catalogue.shorthand import cut_off, segments

WORDS = sorted({w for s in ("colours", "pattern", "product_type", "features", "motif", "colour_roles", "sleeve")
                for words in lexicon("de").words(s).values() for w in words})  # fmt: skip
GLUE = st.sampled_from([" ", ",", ", ", "/", "-", " mit ", "+", ". ", "\n", "3 ", "(", "\u00a0", ' "', "\u0000"])
SOUP = st.lists(st.tuples(st.sampled_from(WORDS), GLUE), max_size=12).map(
    lambda parts: "".join(a + b for a, b in parts)
)
TEXT = st.one_of(SOUP, st.text(max_size=80))
COLOUR_WORD = {
    fold(word) for words in lexicon("de").words("colours").values() for form in words for word in form.split()
}


def shorthand(text: str) -> Attributes:
    return reconcile(Listing("Herren-T-Shirt", "", "T-Shirt", text)).attributes


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT)
def test_any_text_is_read_and_every_claim_stands_in_it(name: str, text: str, model: str, descr: str) -> None:
    listing = Listing(name, text, model, descr)
    ledger = reconcile(listing)
    assert [c for c in ledger.claims if not stands(listing, c)] == []
    assert {c.column for c in ledger.claims} <= set(COLUMNS)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüß ,./-+0123456789", max_size=50))
def test_no_colour_without_a_colour_word(text: str) -> None:
    found = shorthand(text).colours
    spoken = fold(text)
    assert not found or any(word[:3] in spoken for word in COLOUR_WORD), (text, found)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_words_and_segments_lie_inside_the_text(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert all(0 <= w.start < w.end <= len(text) for w in tokens(text))
    assert all(0 <= s.start < s.end <= len(text) for s in segments(text))


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        ("r-neck,basic,blue 3 mel,print", "blue:base"),
        ("black/orange", "black:unknown orange:unknown"),
        ("ssr,cvc,checked,dark blue contrast", "dark blue:contrast"),
        ("basic,lime,layer,anthra", "lime:base anthracite:layer"),
        ("3 col, uni", ""),
        ("weiß, Druck in Rot", "white:base red:print"),
        ("front print white/pink", "white:print pink:print"),
        ("hell rosa, Rüschen", "light pink:base"),
        ("dunkelgruen uni", "dark green:base"),
        ("weiss", "white:base"),
        ("grau mit Streifen dunkelblau", "grey:base dark blue:contrast"),
        ("beige, schwarze Knöpfe", "beige:base black:contrast"),
        ("red 2,col block,navy", "red:unknown navy:unknown"),
    ],
)
def test_a_colour_keeps_its_role(text: str, colours: str) -> None:
    assert {f"{c.value}:{c.role}" for c in shorthand(text).colours} == set(colours and _pairs(colours))


def _pairs(text: str) -> list[str]:
    pairs: list[str] = []
    for word in text.split():
        pairs.append(f"{pairs.pop()} {word}" if pairs and ":" not in pairs[-1] else word)
    return pairs


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("uni", {"solid"}),
        ("sidepanel solid, mel", {"melange"}),
        ("Y/D Streifen", {"striped"}),
        ("Y/D", set()),
        ("AOP", {"all-over print"}),
        ("AOP Tasche", set()),
        ("black,layer,grey mel", set()),
        ("grey mel,layer,black", {"melange"}),
        ("hotfix,embro", {"rhinestones", "embroidery"}),
        ("uni Paspel, gestreift", {"striped"}),
        ("c&s 3 col, col block", {"colour-block"}),
    ],
)
def test_a_code_states_the_pattern_of_the_body_only(text: str, pattern: set[str]) -> None:
    assert set(shorthand(text).pattern) == pattern


@pytest.mark.parametrize(
    ("text", "offer"),
    [("3 col", True), ("5xcol.", True), ("2 Farben", True), ("c&s 3 col", False), ("col block", False)],
)
def test_variants_are_told_from_colours_in_one_garment(text: str, offer: bool) -> None:
    assert shorthand(text).multi_colour_offer is offer


def test_a_word_cut_at_the_byte_limit_is_completed_where_one_value_fits() -> None:
    text = "ES,mélange,sj,sidepanel solid,v-neck,     dark pin"
    assert len(text.encode()) == 51
    cut = text.replace("     dark", "    dark")
    assert cut_off("model_descr", cut)
    assert [c.value for c in shorthand(cut).colours] == ["dark pink"]


def test_a_cut_word_that_several_values_continue_stays_unread() -> None:
    text = "r-neck,basic,single jersey,placement prints,dark g"
    assert cut_off("model_descr", text)
    assert shorthand(text).colours == ()


def test_a_short_text_is_not_cut() -> None:
    assert shorthand("dark pin").colours == ()


@pytest.mark.parametrize("value", sorted(vocabulary().colours))
def test_every_colour_of_the_vocabulary_is_read_from_its_english_name(value: str) -> None:
    assert [c.value for c in shorthand(f"r-neck,{value},print").colours] == [value]


def test_plain_words_of_the_lexicon_carry_no_notation() -> None:
    words = [w for s in lexicon("de").sections for forms in lexicon("de").words(s).values() for w in forms]
    assert [w for w in words if w.startswith(("-", "=", "#")) or w.endswith("-") or "…" in w] == []


def test_every_value_of_the_lexicon_is_in_the_closed_vocabulary() -> None:
    closed, read = vocabulary(), matcher().sections
    assert set(read["product_type"]) <= set(closed.types)
    assert set(read["colours"]) <= set(closed.colours)
    assert set(read["pattern"]) <= set(closed.patterns)
    assert set(read["sleeve"]) <= set(closed.sleeves)
    assert set(read["neckline"]) <= set(closed.necklines)
