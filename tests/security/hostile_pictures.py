"""Pictures that are bombs, broken or no pictures, each made here from nothing."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from serve_app.uploads import limits

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def corners(kind: str, **options: object) -> bytes:
    """64 x 32 pixels: red and green above, blue and white below."""
    picture = Image.new("RGB", (64, 32), WHITE)
    for colour, place in ((RED, (0, 0, 32, 16)), (GREEN, (32, 0, 64, 16)), (BLUE, (0, 16, 32, 32))):
        picture.paste(colour, place)
    return saved(picture, kind, **options)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, data: bytes = b"") -> bytes:
    """A greyscale PNG with the header as said, whatever its data hold."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def packed_zeros() -> bytes:
    """19,000 x 19,000 pixels that are all there, in 350 kB."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(19_001 * 100)) for _ in range(190))
    return png(19_000, 19_000, data=rows + packer.flush())


def long_text() -> bytes:
    """30 MB of text, packed to 30 kB, beside one pixel."""
    text = chunk(b"iTXt", b"note\0\1\0\0\0" + zlib.compress(bytes(30 << 20), 9))
    return png(1, 1, text, data=zlib.compress(b"\0\0"))


def wrong_sum() -> bytes:
    content = bytearray(corners("PNG"))
    content[content.index(b"IHDR") + 14] ^= 0xFF
    return bytes(content)


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN, BLUE)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("picture.jpg", corners("JPEG"))
    return file.getvalue()


def many_scans() -> bytes:
    """A progressive JPEG of 4 MP whose last scan comes 20,000 times."""
    content = saved(Image.new("RGB", (2_000, 2_000), RED), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 20_000 + content[-2:]


def wide_webp() -> bytes:
    """The header of a lossless WebP of 16,383 x 16,383 pixels, and no data."""
    bits = (16_382 | 16_382 << 14).to_bytes(4, "little")
    data = b"\x2f" + bits + bytes(11)
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def huge_jpeg() -> bytes:
    """The header of 65,535 x 65,535 pixels, and one row of nothing."""
    frame = b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    scan = b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00" + bytes(64)
    return b"\xff\xd8" + frame + scan + b"\xff\xd9"


def deep_png() -> bytes:
    """RGBA of 16 bits: 8 bytes per pixel, 2,000 million pixels, by the header."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 45_000, 45_000, 16, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def packed_note(name: bytes, start: bytes) -> bytes:
    """A chunk of 60 MB of zeros beside one pixel."""
    return png(1, 1, chunk(name, start + zlib.compress(bytes(60 << 20), 9)), data=zlib.compress(b"\0\0"))


def many_frames() -> bytes:
    frames = [Image.new("P", (64, 64), number) for number in range(2)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    first = content.index(b"!\xf9")
    return content[:first] + content[first:-1] * 5_000 + content[-1:]


def long_exif() -> bytes:
    """20 MB of directories that name each other, in front of a small picture."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    note = b"Exif\0\0II*\0\x08\0\0\0\x50\x15" + entry * 5_456
    segment = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
    return b"\xff\xd8" + segment * 300 + corners("JPEG")[2:]


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"
HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("nothing", lambda: b"", "not_a_picture"),
    ("svg", lambda: SVG, "not_a_picture"),
    ("gif", lambda: corners("GIF"), "not_a_picture"),
    ("tiff", lambda: corners("TIFF"), "not_a_picture"),
    ("bmp", lambda: corners("BMP"), "not_a_picture"),
    ("zip", archive, "not_a_picture"),
    ("page before a jpeg", lambda: b"<html><script>1</script>" + corners("JPEG"), "not_a_picture"),
    ("gif before a jpeg", lambda: corners("GIF") + corners("JPEG"), "not_a_picture"),
    ("jpeg magic before a page", lambda: b"\xff\xd8\xff<html><script>1</script>", "broken"),
    ("webp magic before noise", lambda: b"RIFF\x10\0\0\0WEBPVP8 " + bytes(range(64)), "broken"),
    ("huge png header", lambda: png(50_000, 50_000), "too_many_pixels"),
    ("png of one long row", lambda: png(2**31 - 1, 1), "too_many_pixels"),
    ("packed zeros", packed_zeros, "too_many_pixels"),
    ("huge jpeg header", huge_jpeg, "too_many_pixels"),
    ("sixteen bits", deep_png, "too_many_pixels"),
    ("no pixels", lambda: png(0, 0), "broken"),
    ("packed colour profile", lambda: packed_note(b"iCCP", b"profile\0\0"), "broken"),
    ("packed note", lambda: packed_note(b"zTXt", b"note\0\0"), "broken"),
    ("gif of 5,000 frames", many_frames, "not_a_picture"),
    ("wide webp", wide_webp, "too_many_pixels"),
    ("one row over", lambda: png(8_000, 5_001), "too_many_pixels"),
    ("half a jpeg", lambda: corners("JPEG")[:-200], "broken"),
    ("half a webp", lambda: corners("WEBP")[:-20], "broken"),
    ("png without data", lambda: png(100, 100), "broken"),
    ("half a png", lambda: corners("PNG")[:-30], "broken"),
    ("wrong checksum", wrong_sum, "broken"),
    ("long text", long_text, "broken"),
    ("moving webp", lambda: moving("WEBP"), "animated"),
    ("moving png", lambda: moving("PNG"), "animated"),
    ("long file", lambda: corners("PNG") + bytes(limits.FILE_BYTES), "too_large"),
]
