"""The card of a colourway tells what it was dyed from and how well the family goes together."""

from pathlib import Path
from typing import Any

from serve_app.report.cards import card

FAMILY = {
    "base": "a1-grey", "members": ["a1-grey", "a1-white"], "framing_iou": 1.0, "light_distance": 0.61, "limit": 2.0,
    "consistent": True,
}  # fmt: skip


def facts(**more: Any) -> dict[str, str]:
    record = {"article_id": "a1-white", "status": "succeeded", "source": {"name": "Bluse"}} | more
    return dict(card(record, Path(), 1000).facts)


def test_a_dyed_colourway_names_its_base_and_its_family() -> None:
    said = facts(derived_from="a1-grey", family=FAMILY)
    assert said["Dyed from"] == "a1-grey"
    assert said["Colourways"] == "2 go together: frame 1.00, light 0.6 of at most 2.0 L*"


def test_a_family_that_does_not_go_together_says_so() -> None:
    assert facts(family=FAMILY | {"framing_iou": 0.9, "consistent": False})["Colourways"].startswith(
        "2 differ: frame 0.90"
    )


def test_an_article_of_one_colour_says_nothing_of_families() -> None:
    assert not {"Dyed from", "Colourways"} & facts().keys()
