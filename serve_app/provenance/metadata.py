"""The IPTC digital source type as XMP in JPEG, PNG, WebP and AVIF files, written and read without touching a pixel."""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Literal

from serve_app.provenance.errors import ProvenanceError

Format = Literal["image/jpeg", "image/png", "image/webp", "image/avif"]
VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED = VOCABULARY + "trainedAlgorithmicMedia"  # all pixels by a model
COMPOSITE = VOCABULARY + "compositeWithTrainedAlgorithmicMedia"  # a seller's pixels and generated ones
SourceType = Literal["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"]

PNG, RIFF = b"\x89PNG\r\n\x1a\n", b"RIFF"
APP1 = b"http://ns.adobe.com/xap/1.0/\0"
KEYWORD = b"XML:com.adobe.xmp\0\0\0\0\0"  # iTXt: keyword, not compressed, no language, no translation
UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # of a box with XMP in a file of ISO base media, as AVIF is
HAS_XMP, HAS_ALPHA = 4, 16  # flags of VP8X
PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="{uri}"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
TYPE = re.compile(rb"""DigitalSourceType(?:\s*=\s*["']|\s*>\s*|\s+rdf:resource\s*=\s*["'])([^"'<>\s]{1,200})""")


def format_of(content: bytes) -> Format | None:
    """By the first bytes; None for anything else."""
    if content.startswith(PNG):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return "image/webp" if content[:4] == RIFF and content[8:12] == b"WEBP" else None


def tagged(content: bytes, source_type: SourceType) -> bytes:
    """The file with an XMP packet that names its digital source type; an encoder's own file has none yet."""
    packet = PACKET.format(uri=VOCABULARY + source_type).encode()
    found = format_of(content)
    if found == "image/png":
        header = len(PNG) + 25  # IHDR: length, name, 13 bytes, checksum
        return content[:header] + _chunk(b"iTXt", KEYWORD + packet) + content[header:]
    if found == "image/jpeg":
        at = 2  # behind JFIF's own header, which comes first where there is one
        if content[2:4] == b"\xff\xe0":
            at = 4 + int.from_bytes(content[4:6], "big")
        return content[:at] + b"\xff\xe1" + struct.pack(">H", 2 + len(APP1 + packet)) + APP1 + packet + content[at:]
    if found == "image/webp":
        return _webp(content, packet)
    if found == "image/avif":  # behind everything, so that no offset in the file changes
        return content + struct.pack(">I", 8 + len(UUID + packet)) + b"uuid" + UUID + packet
    raise ProvenanceError("only JPEG, PNG, WebP and AVIF files are tagged")


def source_type_of(content: bytes) -> str | None:
    """The digital source type that the file's XMP names, as it stands there (an address); None without one."""
    for packet in _packets(content):
        if (found := TYPE.search(packet)) is not None:
            return found.group(1).decode("ascii", "replace")
    return None


def signed_by_somebody(content: bytes) -> bool:
    """Whether a JPEG, PNG or WebP file has a place for a C2PA manifest; what is in it is for a reader to say."""
    found = format_of(content)
    if found == "image/jpeg":
        return any(marker == 0xEB and body[:2] == b"JP" for marker, body in _segments(content))
    if found == "image/png":
        return any(name == b"caBX" for name, _ in _chunks(content))
    return found == "image/webp" and any(name == b"C2PA" for name, _ in _parts(content))


def _packets(content: bytes) -> Iterator[bytes]:
    found = format_of(content)
    if found == "image/jpeg":
        yield from (body[len(APP1) :] for marker, body in _segments(content) if marker == 0xE1 and body[:29] == APP1)
    elif found == "image/png":
        yield from (body[len(KEYWORD) :] for name, body in _chunks(content) if body.startswith(KEYWORD[:18]))
    elif found == "image/webp":
        yield from (body for name, body in _parts(content) if name == b"XMP ")
    elif found == "image/avif":
        yield from (body[len(UUID) :] for name, body in _boxes(content) if name == b"uuid" and body.startswith(UUID))


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of each segment before the scan."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        yield content[at + 1], content[at + 4 : at + 2 + length]
        at += 2 + length


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length


def _parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The outermost ones; a box of length 0 or 1 ends here, for an encoder's own file has none of them."""
    at = 0
    while at + 8 <= len(content) and (length := int.from_bytes(content[at : at + 4], "big")) >= 8:
        yield content[at + 4 : at + 8], content[at + 8 : at + length]
        at += length


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _webp(content: bytes, packet: bytes) -> bytes:
    """With XMP behind the picture, and the extended header that such a file needs in front."""
    parts = [(name, body) for name, body in _parts(content) if name != b"VP8X"]
    header = next((body for name, body in _parts(content) if name == b"VP8X"), None) or _extended(*parts[0])
    parts = [(b"VP8X", bytes([header[0] | HAS_XMP]) + header[1:]), *parts, (b"XMP ", packet)]
    whole = b"".join(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) for name, body in parts)
    return RIFF + struct.pack("<I", 4 + len(whole)) + b"WEBP" + whole


def _extended(name: bytes, body: bytes) -> bytes:
    """VP8X of a simple file: flags, and the sides less one in 24 bits."""
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height, alpha = bits & 0x3FFF, bits >> 14 & 0x3FFF, bits >> 28 & 1
    else:
        width, height = (int.from_bytes(body[at : at + 2], "little") % 0x4000 - 1 for at in (6, 8))
        alpha = 0
    flags = HAS_ALPHA if alpha else 0
    return bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
