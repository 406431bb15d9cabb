"""Bombs and broken pictures, each made here, are typed errors of no cost; good pictures come out upright and plain."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from serve_app.uploads import limits
from serve_app.uploads.errors import PictureError
from serve_app.uploads.pictures import read

GROWTH_KB = 100 * 1024
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


def resident(field: str) -> int:
    """kB of memory that this process holds (VmRSS) or held at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


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


@pytest.mark.parametrize(("make", "code"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_picture_is_a_typed_error_and_costs_this_process_nothing(
    make: Callable[[], bytes], code: str
) -> None:
    content = make()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
    with pytest.raises(PictureError) as refused:
        read(content)
    grown = resident("VmHWM") - before
    assert refused.value.code == code, f"{refused.value.code}: {refused.value}"
    assert grown < GROWTH_KB, f"this process grew by {grown >> 10} MB"


def test_a_picture_that_takes_forever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 3.0)
    with pytest.raises(PictureError) as refused:
        read(many_scans())
    assert refused.value.code == "too_slow", f"{refused.value.code}: {refused.value}"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_set_upright_and_carries_nothing_along(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees clockwise
    exif[0x010F] = "Kamera 4711"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    upload = read(corners(kind, exif=exif, **options))
    assert upload.pixels.shape == (64, 32, 3)
    assert upload.pixels.dtype == np.uint8
    found = [upload.pixels[row, column] for row, column in ((8, 8), (8, 24), (56, 8), (56, 24))]
    np.testing.assert_allclose(found, [BLUE, RED, WHITE, GREEN], atol=6)
    assert upload.alpha is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_undone(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = np.asarray(Image.open(io.BytesIO(corners("PNG"))))
    lying = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: p.swapaxes(0, 1)[::-1],
        7: lambda p: p.swapaxes(0, 1)[::-1, ::-1],
        8: lambda p: p.swapaxes(0, 1)[:, ::-1],
    }[orientation](upright)
    content = saved(Image.fromarray(np.ascontiguousarray(lying)), "PNG", exif=exif)
    np.testing.assert_array_equal(read(content).pixels, upright)


def test_a_damaged_exif_does_not_spoil_the_picture() -> None:
    assert read(corners("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")).pixels.shape == (32, 64, 3)


def test_what_is_hung_behind_a_picture_is_left_behind() -> None:
    np.testing.assert_array_equal(read(corners("PNG") + archive()).pixels, read(corners("PNG")).pixels)


def test_the_first_picture_of_a_jpeg_with_several_is_read() -> None:
    depth = Image.new("L", (64, 32), 128)
    first = Image.open(io.BytesIO(corners("PNG")))
    content = saved(first, "MPO", save_all=True, append_images=[depth], quality=95)
    assert content[:3] == b"\xff\xd8\xff"
    np.testing.assert_allclose(read(content).pixels[4, 4], RED, atol=6)


def test_inks_of_a_cmyk_jpeg_become_colours() -> None:
    upload = read(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95))
    np.testing.assert_allclose(upload.pixels[8, 8], RED, atol=6)


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped() -> None:
    levels = np.arange(0, 65_536, 256, dtype=np.uint16).reshape(16, 16)
    upload = read(saved(Image.fromarray(levels), "PNG"))
    np.testing.assert_array_equal(upload.pixels[..., 0].ravel(), np.arange(256))
    np.testing.assert_array_equal(upload.pixels[..., 0], upload.pixels[..., 2])


def test_a_palette_with_a_transparent_entry_gives_colours_and_alpha() -> None:
    picture = Image.new("P", (4, 2), 0)
    picture.putpalette([*RED, *GREEN])
    picture.paste(1, (2, 0, 4, 2))
    upload = read(saved(picture, "PNG", transparency=1))
    assert upload.alpha is not None
    assert upload.alpha.tolist() == [[255, 255, 0, 0]] * 2
    assert upload.pixels[0].tolist() == [[*RED], [*RED], [*GREEN], [*GREEN]]


@pytest.mark.parametrize(("alpha", "kept"), [(255, False), (254, True)])
def test_alpha_is_given_only_where_something_is_transparent(alpha: int, kept: bool) -> None:
    upload = read(saved(Image.new("RGBA", (8, 8), (*BLUE, alpha)), "PNG"))
    assert (upload.alpha is not None) == kept
    assert upload.pixels[0, 0].tolist() == [*BLUE]


def test_a_profile_is_turned_into_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey = corners("PNG", icc_profile=lab)  # does not fit an RGB picture: its values count as they are
    np.testing.assert_array_equal(read(grey).pixels, read(corners("PNG")).pixels)
    upload = read(corners("PNG", icc_profile=swapped_profile()))
    np.testing.assert_allclose(upload.pixels[4, 4], GREEN, atol=2)


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"tmp_").replace(b"gXYZ", b"rXYZ").replace(b"tmp_", b"gXYZ")
