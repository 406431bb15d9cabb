"""Cutting a text at its claims loses no word and marks no other."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serve_app.report.evidence import Piece, pieces


def claim(start: int, end: int, attribute: str = "colours", value: str = "blue") -> dict[str, Any]:
    return {"start": start, "end": end, "attribute": attribute, "value": value}


def test_a_claim_marks_its_words_and_nothing_else() -> None:
    assert pieces("das blaue Hemd", [claim(4, 9)]) == [
        Piece("das "),
        Piece("blaue", ("colours",), ("colours: blue",)),
        Piece(" Hemd"),
    ]


def test_where_claims_overlap_the_shorter_one_comes_first() -> None:
    found = pieces(
        "großer Frontdruck", [claim(0, 17, "features", "large front print"), claim(7, 17, "pattern", "print")]
    )
    assert [(piece.text, piece.attributes) for piece in found] == [
        ("großer ", ("features",)),
        ("Frontdruck", ("pattern", "features")),
    ]


def test_bullets_of_shop_systems_become_one_line_each() -> None:
    text = "Ein Hemd.\n\n\xa0\n\n\n\tMit Kragen\n\tMit Tasche\n\n"
    assert "".join(piece.text for piece in pieces(text, [])) == "Ein Hemd.\n• Mit Kragen\n• Mit Tasche\n"


@given(
    st.text("ab c", max_size=40),
    st.lists(
        st.tuples(st.integers(-5, 45), st.integers(-5, 45), st.sampled_from(["colours", "sleeve", "fit"])), max_size=8
    ),
)
def test_any_claims_leave_the_text_whole_and_mark_exactly_their_spans(
    text: str, spans: list[tuple[int, int, str]]
) -> None:
    found = pieces(text, [claim(start, end, attribute) for start, end, attribute in spans])
    assert "".join(piece.text for piece in found) == text
    place = 0
    valid = [span for span in spans if 0 <= span[0] < span[1] <= len(text)]
    for piece in found:
        for _ in piece.text:
            over = {attribute for start, end, attribute in valid if start <= place < end}
            assert set(piece.attributes) == over
            place += 1
