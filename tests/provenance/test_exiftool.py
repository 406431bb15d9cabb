"""An independent reader finds in our files what our own reader and C2PA's find, and nothing about cameras or people."""

import json
import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from loadtests.attacks import garment
from serve_app.delivery.encoding import WRITTEN, encode
from serve_app.provenance.identity import Identity
from serve_app.provenance.manifest import ABOUT, Origin, read
from serve_app.provenance.metadata import GENERATED, format_of, source_type_of
from serve_app.provenance.seal import Seal

pytestmark = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="no exiftool; on Debian: apt-get install libimage-exiftool-perl"
)
ORIGIN = Origin("trainedAlgorithmicMedia", {"models": {"renderer": {"licence": "Apache-2.0"}}})
PERSONAL = re.compile(r"gps|serial|owner|artist|(?<!profile)creator$|author|make$|location|by-?line", re.IGNORECASE)
SEES_MANIFESTS = ("png", "jpeg")  # those in which exiftool 12 looks for JUMBF


def seen(content: bytes, folder: Path) -> dict[str, Any]:
    place = folder / "picture"
    place.write_bytes(content)
    said = subprocess.run(["exiftool", "-j", "-n", "-G1", "-ee", place], capture_output=True, check=True)
    document: dict[str, Any] = json.loads(said.stdout)[0]
    return document


def written(form: Any, own: Identity, origin: Origin = ORIGIN) -> bytes:
    return Seal(own).labelled(encode(Image.fromarray(garment(1, 256)), form), origin)


@pytest.mark.parametrize("form", WRITTEN)
def test_exiftool_reads_the_source_type_that_we_read(form: str, own: Identity, tmp_path: Path) -> None:
    content = written(form, own)
    said = seen(content, tmp_path)
    assert said["XMP-iptcExt:DigitalSourceType"] == source_type_of(content) == GENERATED
    assert said["File:MIMEType"] == format_of(content)
    assert "ExifTool:Error" not in said, said
    assert "ExifTool:Warning" not in said, said


@pytest.mark.parametrize("form", SEES_MANIFESTS)
def test_exiftool_sees_the_manifest_that_c2pa_validates(form: str, own: Identity, tmp_path: Path) -> None:
    content = written(form, own)
    assert read(content, own.credential.anchor).state == "valid"
    said = seen(content, tmp_path)
    assert said["JUMBF:JUMDLabel"] == "c2pa"
    assert said["CBOR:Claim_Generator_InfoName"] == "Vitrine"
    assert said["CBOR:ActionsDigitalSourceType"] == GENERATED
    assert any(ABOUT in url for url in said["CBOR:Gathered_AssertionsUrl"]), said


@pytest.mark.parametrize("form", WRITTEN)
def test_no_place_camera_or_person_is_named(form: str, own: Identity, tmp_path: Path) -> None:
    photo = BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = "Camera Works", "A Person"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 0.0)
    Image.new("RGB", (64, 64), (90, 10, 10)).save(photo, "JPEG", exif=exif)
    assert any(PERSONAL.search(name) for name in seen(photo.getvalue(), tmp_path))
    edited = Origin("compositeWithTrainedAlgorithmicMedia", sources=(photo.getvalue(),))
    names = seen(written(form, own, edited), tmp_path)
    assert [name for name in names if PERSONAL.search(name)] == []
