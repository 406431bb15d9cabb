"""French and Spanish listings through their lexicons: what is said is found, what is not said stays unknown."""

import pytest

from models.domain import Attributes, Colour
from serve_app.catalogue.ledger import reconcile
from serve_app.catalogue.listing import Listing


def attributes(language: str, name: str, description: str) -> Attributes:
    return reconcile(Listing(name, description), language=language).attributes


def test_a_french_listing_is_read() -> None:
    read = attributes("fr", "T-shirt femme à manches courtes", "Ce t-shirt bleu marine uni à col rond est en coton.")
    assert (read.audience, read.product_type, read.sleeve, read.neckline) == ("women", "t-shirt", "short", "crew")
    assert read.colours == (Colour("navy", "base"),)
    assert read.pattern == ("solid",)


def test_a_spanish_listing_is_read() -> None:
    read = attributes("es", "Camisa verde oscuro de cuadros para hombre", "De manga larga con cuello camisero.")
    assert (read.audience, read.product_type, read.sleeve) == ("men", "shirt", "long")
    assert (read.neckline, read.pattern) == ("shirt collar", ("checked",))
    assert read.colours == (Colour("dark green", "base"),)


@pytest.mark.parametrize(
    ("language", "name"), [("fr", "Chemise à carreaux pour homme"), ("es", "Vestido de mujer con volantes")]
)
def test_what_is_not_said_stays_unknown(language: str, name: str) -> None:
    read = attributes(language, name, "")
    assert (read.colours, read.sleeve, read.neckline, read.materials) == ((), None, None, ())


def test_a_language_without_lexicon_is_an_error_not_a_guess() -> None:
    with pytest.raises(FileNotFoundError):
        attributes("xx", "T-Shirt", "")
