"""A picture that was made from others names them; their manifests stay, without what is private in them."""

import json
from io import BytesIO

import pytest
from c2pa import Builder, C2paSignerInfo, C2paSigningAlg, Context, Reader, Settings, Signer
from PIL import Image

from serve_app.provenance.certificate import development_chain
from serve_app.provenance.identity import Identity
from serve_app.provenance.manifest import OFFLINE, Origin, read
from serve_app.provenance.metadata import COMPOSITE, VOCABULARY, signed_by_somebody
from serve_app.provenance.seal import Seal

PLACE = "39,21.102N"
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def photo(name: str = "JPEG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (64, 48), (120, 40, 40)).save(written, name)
    return written.getvalue()


def from_a_camera(name: str = "JPEG") -> bytes:
    """A photo that its camera has signed, with the place where it was taken."""
    camera, out = development_chain(), BytesIO()
    actions = [{"action": "c2pa.created", "digitalSourceType": VOCABULARY + "digitalCapture"}]
    definition = {
        "claim_generator_info": [{"name": "Camera"}],
        "format": FORMATS[name],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": "stds.exif", "kind": "Json", "data": {"exif:GPSLatitude": PLACE}},
        ],
    }
    with (
        Signer.from_info(C2paSignerInfo(C2paSigningAlg.ES256, camera.chain, camera.key, None)) as signer,
        Context(Settings.from_dict(OFFLINE)) as context,
        Builder(definition, context) as builder,
    ):
        builder.sign(signer, FORMATS[name], BytesIO(photo(name)), out)
    return out.getvalue()


def edited(own: Identity, *sources: bytes) -> bytes:
    origin = Origin("compositeWithTrainedAlgorithmicMedia", {"models": {}}, sources)
    return Seal(own).labelled(photo("PNG"), origin)


def manifests(content: bytes) -> dict[str, dict[str, object]]:
    """Generator -> manifest."""
    with (
        Context(Settings.from_dict(OFFLINE)) as context,
        Reader("image/png", BytesIO(content), None, context) as reader,
    ):
        found = json.loads(reader.json())["manifests"].values()
    return {each["claim_generator_info"][0]["name"]: each for each in found}


@pytest.mark.parametrize("name", FORMATS)
def test_the_manifest_of_a_source_is_kept_in_ours_and_both_are_valid(name: str, own: Identity) -> None:
    camera = from_a_camera(name)
    assert signed_by_somebody(camera)
    content = edited(own, camera)
    found = read(content, own.credential.anchor)
    assert (found.state, found.ours, found.ingredients, found.faults) == ("valid", True, 1, ())
    kept = manifests(content)
    assert set(kept) == {"Vitrine", "Camera"}
    assert VOCABULARY + "digitalCapture" in str(kept["Camera"])
    assert COMPOSITE in str(kept["Vitrine"])


def test_where_a_photo_was_taken_is_not_handed_on(own: Identity) -> None:
    camera = from_a_camera()
    assert PLACE.encode() in camera
    content = edited(own, camera)
    assert PLACE.encode() not in content
    assert "stds.exif" in str(manifests(content)["Vitrine"]["redactions"]), "and the manifest says that it was left out"


def test_the_changed_picture_is_the_parent_and_the_others_were_looked_at(own: Identity) -> None:
    content = edited(own, photo(), from_a_camera(), photo("WEBP"))
    assert read(content, own.credential.anchor).state == "valid"
    ingredients = manifests(content)["Vitrine"]["ingredients"]
    assert isinstance(ingredients, list)
    assert [one["relationship"] for one in ingredients] == ["parentOf", "inputTo", "inputTo"]
    actions = str(manifests(content)["Vitrine"]["assertions"])
    assert actions.index("c2pa.opened") < actions.index("c2pa.edited")


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_without_a_manifest_has_no_place_for_one(name: str) -> None:
    assert not signed_by_somebody(photo(name))
    assert not signed_by_somebody(b"")
