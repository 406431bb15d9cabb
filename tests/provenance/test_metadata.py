"""The digital source type in files of every format, where other tools read it, and no pixel changed by it."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from loadtests.attacks import garment
from serve_app.provenance.errors import ProvenanceError
from serve_app.provenance.metadata import COMPOSITE, GENERATED, format_of, source_type_of, tagged

FILES: dict[str, dict[str, Any]] = {
    "png": {"format": "PNG"},
    "jpeg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    "webp": {"format": "WEBP", "quality": 90},
    "lossless webp": {"format": "WEBP", "lossless": True},
    "avif": {"format": "AVIF", "quality": 95, "speed": 8, "subsampling": "4:4:4"},
}


def file(name: str, **more: Any) -> bytes:
    written = BytesIO()
    Image.fromarray(garment(1, 256)[:, :255]).save(written, **FILES[name], **more)  # an odd side
    return written.getvalue()


def pixels(content: bytes) -> Any:
    with Image.open(BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("name", FILES)
def test_a_tagged_file_says_its_source_type_and_shows_the_same_pixels(name: str) -> None:
    plain = file(name)
    assert source_type_of(plain) is None
    for said, address in (
        ("trainedAlgorithmicMedia", GENERATED),
        ("compositeWithTrainedAlgorithmicMedia", COMPOSITE),
    ):
        labelled = tagged(plain, said)
        assert source_type_of(labelled) == address
        assert (pixels(labelled) == pixels(plain)).all()


@pytest.mark.parametrize("name", sorted(set(FILES) - {"avif"}))  # Pillow looks for an item there, not for a box
def test_pillow_finds_the_packet_where_the_format_keeps_it(name: str) -> None:
    with Image.open(BytesIO(tagged(file(name), "trainedAlgorithmicMedia"))) as picture:
        picture.load()
        packet = picture.info.get("XML:com.adobe.xmp") or picture.info["xmp"]
    assert GENERATED in (packet if isinstance(packet, str) else packet.decode())


def test_a_webp_with_transparency_keeps_it() -> None:
    written = BytesIO()
    Image.new("RGBA", (31, 20), (200, 10, 10, 90)).save(written, "WEBP", lossless=True)
    with Image.open(BytesIO(tagged(written.getvalue(), "trainedAlgorithmicMedia"))) as picture:
        assert (picture.size, picture.mode, picture.getpixel((3, 3))) == ((31, 20), "RGBA", (200, 10, 10, 90))


def test_a_type_written_as_an_element_is_read_as_well() -> None:
    other = tagged(file("png"), "trainedAlgorithmicMedia").replace(b'="http://cv', b'= "http://cv')
    assert source_type_of(other) == GENERATED
    named = b"<Iptc4xmpExt:DigitalSourceType>" + COMPOSITE.encode() + b"</Iptc4xmpExt:DigitalSourceType>"
    written = BytesIO()
    Image.new("RGB", (8, 8)).save(written, "JPEG", xmp=b"<x:xmpmeta>" + named + b"</x:xmpmeta>")
    assert source_type_of(written.getvalue()) == COMPOSITE


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1\xff\xff", b"RIFF\0\0\0\0WEBP"]
)
def test_what_is_no_whole_picture_says_nothing(content: bytes) -> None:
    assert source_type_of(content) is None
    if format_of(content) is None:
        with pytest.raises(ProvenanceError, match="only JPEG, PNG, WebP and AVIF"):
            tagged(content, "trainedAlgorithmicMedia")
