"""Prompts: the agreed words, every fragment with its source, short enough for the scorer."""

from pathlib import Path

import pytest

from models.domain import Refusal
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.prompts import Prompts, audit, cautious_count, template, write


def prompts(name: str, description: str = "", model_descr: str = "") -> Prompts:
    written = write(reconcile(Listing(name, description, "", model_descr)))
    assert isinstance(written, Prompts)
    return written


def test_the_generation_prompt_is_written_in_the_agreed_order() -> None:
    assert prompts("Herren-T-Shirt", "Mit großem Frontdruck und Brusttasche.", "r-neck,dark blue,mel").generation == (
        "catalogue photo of a men's t-shirt, dark blue, melange, short sleeves, crew neck, large front print, "
        "chest pocket, laid flat, centred, on a pure white background"
    )


def test_the_scoring_prompt_names_colour_and_type_first() -> None:
    scoring = prompts("Herren-T-Shirt, kurzarm", "", "r-neck,dark blue,mel").scoring
    assert scoring == "a dark blue melange men's t-shirt with short sleeves and crew neck"


@pytest.mark.parametrize(
    ("shorthand", "clause"),
    [
        ("dunkelblau", "dark blue"),
        ("black/orange", "black and orange"),
        ("beige, Y/D Streifen dunkelblau", "beige with dark blue stripes"),
        ("dark yellow,layer,white", "dark yellow with white layer"),
        ("red,col block,dark blue", "red and dark blue colour-block"),
        ("white,dark blue contrast", "white with dark blue contrast"),
    ],
)
def test_the_colours_are_one_clause(shorthand: str, clause: str) -> None:
    assert prompts("Herren-T-Shirt", "", shorthand).generation.split(", ")[1] == clause


def test_an_unstated_sleeve_is_house_style_and_not_scored() -> None:
    written = prompts("Herren-T-Shirt", "", "rot")
    sleeve = next(f for f in written.fragments if f.part == "sleeve")
    assert (sleeve.sources, sleeve.as_record()["source"]) == ((), "house style")
    assert "sleeves" not in written.scoring


def test_what_cannot_be_seen_is_in_no_prompt() -> None:
    text = "Bequem, OEKO-TEX Standard 100 zertifiziert, atmungsaktiv, pflegeleicht, nachhaltig, für den Alltag."
    written = prompts("Damen-Bluse", text, "weiß")
    assert written.generation == prompts("Damen-Bluse", "", "weiß").generation
    assert written.scoring == prompts("Damen-Bluse", "", "weiß").scoring


def test_a_colour_of_the_print_is_not_the_garments() -> None:
    written = prompts("Herren-T-Shirt", "", "acid wash,front print white/pink")
    assert "white" not in written.scoring
    assert "pink" not in written.scoring


def test_stated_lettering_is_quoted_for_generation_only() -> None:
    written = prompts("Kinder-Mädchen-T-Shirt", 'Mit dem Schriftzug "Sea breeze".', "gelb, Druck")
    assert 'lettering "Sea breeze"' in written.generation
    assert "Sea breeze" not in written.scoring


def test_lettering_without_its_words_is_said_plainly() -> None:
    assert "front print, lettering, " in prompts("T-Shirt", "Mit Schriftzug-Druck.", "gelb").generation


def test_a_long_text_is_not_repeated() -> None:
    written = prompts("T-Shirt", f'Mit dem Schriftzug "{"very " * 12}long".', "gelb")
    assert "very" not in written.generation


def test_a_licensed_character_is_never_drawn() -> None:
    written = prompts("Mickey Mouse Damen-T-Shirt", "Mit Druck von Mickey Maus.", "weiß, Lizenz, Druck Maus")
    assert "mouse" not in f"{written.generation} {written.scoring}".lower()


def test_a_crowded_article_is_shortened_to_the_scorers_context() -> None:
    crowded = (
        "Mit Brusttasche, Knopfleiste, Rüschen, Spitze, Knoten vorne, Raglan, rundem Saum, Kontrastnähten, "
        "Teilungsnähten, Kordel, Puffärmeln, Seitenschlitzen, Plissee, Stickerei, Pailletten, Strass und Fransen."
    )
    written = prompts("Damen-Bluse langarm", crowded, "dunkelblau, gestreift")
    assert cautious_count(written.scoring) <= template().scoring.tokens
    assert written.scoring.startswith("a dark blue striped women's blouse with long sleeves")


def test_a_scorers_own_token_count_is_used() -> None:
    ledger = reconcile(Listing("Herren-Hemd kurzarm", "", "", "kent,rot"))
    short = write(ledger, count=lambda text: 70 + len(text.split()))
    assert isinstance(short, Prompts)
    assert short.scoring == "a red men's shirt with short sleeves"


def test_without_a_type_there_is_no_prompt() -> None:
    refusal = write(reconcile(Listing("Etwas Schönes", "", "", "rot")))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "no_product_type"


def test_the_audit_finds_a_claim_whose_text_moved() -> None:
    listing = Listing("Herren-Hemd", "", "", "rot")
    moved = Listing("Herren-Hemd", "", "", "xx rot")
    assert audit.faults(listing, reconcile(listing)) == []
    assert any(fault.startswith("misplaced") for fault in audit.faults(moved, reconcile(listing)))


def test_templates_are_data_and_versioned() -> None:
    assert template().version == "apparel-v1"
    folder = Path(audit.__file__).parent
    assert all(template(file.stem).version == file.stem for file in folder.glob("*.toml"))
