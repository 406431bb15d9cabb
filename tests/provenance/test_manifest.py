"""The manifest says who made a file, from what and by which models, and any byte that changes breaks it."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from loadtests.attacks import encoded, garment
from serve_app.provenance.certificate import development_chain
from serve_app.provenance.errors import ProvenanceError
from serve_app.provenance.identity import Identity
from serve_app.provenance.manifest import Manifest, Origin, read, signed
from serve_app.provenance.metadata import GENERATED, source_type_of, tagged
from serve_app.provenance.seal import Seal
from serve_app.provenance.verify import Verifier
from serve_app.uploads import PictureError

ABOUT = {"models": {"renderer": {"kind": "flux", "digest": "ab" * 32, "licence": "Apache-2.0"}}}
ORIGIN = Origin("trainedAlgorithmicMedia", ABOUT)
FLIPS = 120  # per format; a file of which 1 % went unseen would pass once in four


def file(name: str, number: int = 3) -> bytes:
    written = BytesIO()
    Image.fromarray(garment(number, 256)).save(written, name, quality=95)
    return written.getvalue()


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_a_signed_file_names_signer_models_and_source_type(name: str, own: Identity) -> None:
    content = Seal(own).labelled(file(name), ORIGIN)
    found = read(content, own.credential.anchor)
    assert found == Manifest("valid", "Vitrine", True, "Vitrine", ABOUT)
    assert source_type_of(content) == GENERATED
    assert GENERATED.encode() in content[content.index(b"c2pa") :], "the manifest's own action names it as well"


def test_a_file_that_nobody_signed_has_no_manifest(own: Identity) -> None:
    assert read(file("JPEG"), own.credential.anchor) == Manifest("none")


def test_the_certificate_of_somebody_else_is_not_ours(own: Identity) -> None:
    content = signed(file("PNG"), ORIGIN, development_chain())
    found = read(content, own.credential.anchor)
    assert (found.state, found.ours) == ("valid", False)


@pytest.mark.parametrize("name", ["PNG", "JPEG"])
def test_a_flipped_bit_anywhere_is_found(name: str, own: Identity) -> None:
    content, rng = Seal(own).labelled(file(name), ORIGIN), np.random.default_rng(11)
    unseen = []
    for place in rng.choice(len(content), FLIPS, replace=False):
        changed = bytearray(content)
        changed[place] ^= 1 << int(rng.integers(8))
        found = read(bytes(changed), own.credential.anchor)
        if found.state == "valid" and found.ours:
            unseen.append((int(place), len(content)))
    assert len(unseen) <= FLIPS // 100, unseen


def test_a_picture_that_was_encoded_again_has_lost_its_manifest(own: Identity) -> None:
    with Image.open(BytesIO(Seal(own).labelled(file("PNG"), ORIGIN))) as picture:
        pixels = np.asarray(picture)
    written = BytesIO()
    Image.fromarray(encoded(pixels, "JPEG", 90)).save(written, "PNG")
    assert read(written.getvalue(), own.credential.anchor).state == "none"


def test_what_is_no_picture_is_not_signed(own: Identity) -> None:
    with pytest.raises(ProvenanceError, match="only JPEG, PNG, WebP and AVIF"):
        signed(b"%PDF-1.7", ORIGIN, own.credential)
    with pytest.raises(PictureError):
        Verifier(own).examine(b"%PDF-1.7")


def test_a_tag_after_the_signature_breaks_it(own: Identity) -> None:
    content = signed(file("PNG"), ORIGIN, own.credential)
    assert read(tagged(content, "trainedAlgorithmicMedia"), own.credential.anchor).state == "invalid"
