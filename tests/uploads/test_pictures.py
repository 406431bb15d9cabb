"""Bombs and broken pictures, each made here, are typed errors of no cost; good pictures come out upright and plain."""

import io
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hostile_pictures import BLUE, GREEN, HOSTILE, RED, WHITE, archive, corners, long_exif, many_scans, saved
from PIL import Image, ImageCms

from serve_app.limited_child import Child
from serve_app.uploads import limits, pictures
from serve_app.uploads.errors import PictureError
from serve_app.uploads.pictures import read

GROWTH_KB = 100 * 1024


def resident(field: str) -> int:
    """kB of memory that this process holds (VmRSS) or held at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


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


@pytest.mark.parametrize(
    "said", ["[1]", '"x"', "7", "{}", '{"width": "3", "height": 2}', '{"width": -3, "height": -2}', '{"width": [2]}']
)
def test_a_child_that_says_something_else_has_a_damaged_picture(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    @contextmanager
    def talking(*_: str, within_s: float) -> Iterator[Child]:
        with subprocess.Popen(["/bin/echo", said], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            yield Child(process)

    monkeypatch.setattr(pictures, "running", talking)
    with pytest.raises(PictureError) as refused:
        read(corners("PNG"))
    assert refused.value.code == "broken", f"{refused.value.code}: {refused.value}"


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


def test_20_mb_of_metadata_are_passed_over() -> None:
    content = long_exif()
    assert len(content) > 19_000_000
    np.testing.assert_array_equal(read(content).pixels, read(corners("JPEG")).pixels)


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
