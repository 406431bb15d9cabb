"""A hundred orders to a machine, hidden in listings: the template stays, nothing is invented."""

import pytest
from injections import TEXTS

from models.domain import Attributes
from serve_app.catalogue.intake import refused
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.prompts import Prompts, audit, write

HONEST = Listing("Herren-Hemd kurzarm", "Mit Kentkragen.", "Hemd kurzarm", "dark blue,checked")


def written(listing: Listing) -> Prompts:
    prompts = write(reconcile(listing))
    assert isinstance(prompts, Prompts)
    return prompts


def test_there_are_a_hundred_different_ones() -> None:
    assert len(set(TEXTS)) == 100


@pytest.mark.parametrize("text", TEXTS)
def test_an_order_in_the_copy_changes_neither_attributes_nor_prompt(text: str) -> None:
    listing = Listing(HONEST.name, f"{HONEST.description} {text}", HONEST.model_name, HONEST.model_descr)
    prompts = written(listing)
    assert (prompts.generation, prompts.scoring) == (written(HONEST).generation, written(HONEST).scoring)
    assert seen(reconcile(listing).attributes) == seen(reconcile(HONEST).attributes)
    assert audit.faults(listing, reconcile(listing)) == []


@pytest.mark.parametrize("text", TEXTS)
def test_an_order_is_refused_at_intake(text: str) -> None:
    refusal = refused(Listing(HONEST.name, f"{HONEST.description} {text}", HONEST.model_name, HONEST.model_descr))
    assert refusal is not None
    assert refusal.code == "injection"


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_deceived_model_proposes_is_dropped(text: str) -> None:
    listing = Listing(HONEST.name, f"{HONEST.description} {text}", HONEST.model_name, HONEST.model_descr)
    deceived = Attributes(
        product_type="dress", motif_text="guns", features=("a gun on fire", "battlefield"), style="naked"
    )
    prompts = write(reconcile(listing, text, deceived))
    assert isinstance(prompts, Prompts)
    assert prompts.generation == written(HONEST).generation


def seen(attributes: Attributes) -> dict[str, object]:
    """What can reach a picture."""
    names = ("audience", "product_type", "colours", "pattern", "sleeve", "neckline", "motif", "motif_text", "features")
    return {name: getattr(attributes, name) for name in names}
