"""`vitrine finish` signs what it writes and names what it was made from, unless it is asked not to."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from settings_of import development

from loadtests.attacks import garment
from serve_app.catalogue.finishing import png
from serve_app.cli import app
from serve_app.delivery.encoding import encode
from serve_app.provenance.identity import FOLDER, identity
from serve_app.provenance.manifest import Manifest, Origin, read
from serve_app.provenance.metadata import GENERATED, source_type_of
from serve_app.provenance.seal import Seal


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MARK_KEY", "CERTIFICATE", "CERTIFICATE_KEY", "PROFILE", "TIMESTAMPS"):
        monkeypatch.delenv(f"VITRINE_{name}", raising=False)
    return tmp_path / "home"


def finished(source: bytes, home: Path, *more: str) -> bytes:
    file, out = home.parent / "source.png", home.parent / "finished.jpg"
    file.write_bytes(source)
    arguments = ["finish", str(file), "--profile", "google.merchant", "--out", str(out), "--home", str(home), *more]
    with pytest.raises(SystemExit):
        app(arguments)
    return out.read_bytes()


def told(content: bytes, home: Path) -> Manifest:
    return read(content, identity(development(), home).credential.anchor)


def test_a_photo_is_signed_as_edited_and_nothing_is_said_of_how_it_came_about(home: Path) -> None:
    content = finished(png(garment(1, 512)), home)
    found = told(content, home)
    assert (found.state, found.ours, found.ingredients) == ("valid", True, 1)
    assert found.about is not None
    assert found.about["profile"] == "google.merchant"
    assert source_type_of(content) is None


def test_a_generated_picture_goes_on_saying_so_and_its_manifest_is_kept(home: Path) -> None:
    seal = Seal(identity(development(), home))
    source = seal.labelled(png(garment(1, 512)), Origin("trainedAlgorithmicMedia", {"article": "a1"}))
    content = finished(source, home)
    assert source_type_of(content) == GENERATED
    assert (told(content, home).state, told(content, home).ingredients) == ("valid", 1)
    assert b"a1" in content[content.index(b"vitrine.generation") :]


def test_a_broken_manifest_is_not_passed_on_as_a_source_s(home: Path) -> None:
    seal = Seal(identity(development(), home))
    plain = encode(Image.fromarray(garment(1, 512)), "jpeg")  # whose parts have no checksums of their own
    source = bytearray(seal.labelled(plain, Origin("trainedAlgorithmicMedia", {"article": "a1"})))
    source[source.index(b"vitrine.generation") + 30] ^= 1
    found = told(finished(bytes(source), home), home)
    assert (found.state, found.ours, found.ingredients) == ("valid", True, 1)


def test_without_a_signature_nothing_is_made_in_the_data_folder(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = finished(png(garment(1, 512)), home, "--no-sign", "--json")
    assert read(content, None) == Manifest("none")
    assert not (home / FOLDER).exists()
    assert json.loads(capsys.readouterr().out)["profile"] == "google.merchant"
    assert Image.open(io.BytesIO(content)).format == "JPEG"
