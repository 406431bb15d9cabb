"""Identity of an article: what makes two rows one, and seeds that follow from it."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from serve_app.catalogue.listing import Listing, seed_for

TEXTS = st.text(max_size=40)


def test_the_article_id_is_the_hash_of_the_four_trimmed_columns() -> None:
    listing = Listing(" Hemd ", "kurz", "", "rot")
    columns = json.dumps(["Hemd", "kurz", "", "rot"], ensure_ascii=False)
    assert listing.article_id == hashlib.sha256(columns.encode()).hexdigest()[:16]


def test_composed_and_decomposed_umlauts_are_one_article() -> None:
    assert Listing("M\u00fctze").article_id == Listing("Mu\u0308tze").article_id


def test_a_word_in_another_column_is_another_article() -> None:
    assert Listing("rot", "").article_id != Listing("", "rot").article_id


def test_the_seed_follows_from_run_and_article() -> None:
    article = Listing("Hemd").article_id
    assert seed_for(7, article) == int.from_bytes(hashlib.sha256(f"7:{article}".encode()).digest()[:8], "big")
    assert seed_for(7, article) != seed_for(8, article)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_normalising_twice_changes_nothing(name: str, description: str, model_name: str, model_descr: str) -> None:
    once = Listing(name, description, model_name, model_descr)
    assert Listing(*(text for _, text in once.columns())) == once
