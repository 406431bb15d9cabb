"""The Swin2SR adapter on a small checkpoint: transformers' own pixels, without seams, whatever the size."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_swin2sr import calm, loud, written

from models.domain import Picture, Pixels, Refusal
from models.errors import LicenceError, PackError
from models.recipes import about, upscaler_recipe
from models.starter.recipes.upscaler import build
from models.swin2sr.adapter import Swin2SRUpscaler
from models.swin2sr.numbers import Swin2SRNumbers
from models.swin2sr.recipe import Swin2SRRecipe
from models.swin2sr.tiles import Cut, Grid, Tiling

BAD = Picture(np.zeros((8, 8), np.uint8))


def noise(height: int, width: int, seed: int = 0) -> Picture:
    return Picture(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def loaded(pack: Path) -> Swin2SRUpscaler:
    return Swin2SRRecipe(pack=pack, threads=1, device="cpu").load()


def one(upscaler: Swin2SRUpscaler, picture: Picture) -> Pixels:
    (outcome,) = upscaler.upscale([picture])
    assert isinstance(outcome, Picture), outcome
    return outcome.pixels


def theirs(model: Any, pixels: Pixels) -> Pixels:
    """What transformers makes of a picture whose sides are whole windows."""
    with torch.inference_mode():
        plane = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255
        made = model(pixel_values=plane).reconstruction[0].clamp(0, 1)
    return (made * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()


def apart(found: Pixels, other: Pixels) -> int:
    assert found.shape == other.shape, (found.shape, other.shape)
    return int(np.abs(found.astype(int) - other).max())


@pytest.mark.parametrize(("scale", "upsampler"), [(2, "pixelshuffle"), (2, "pixelshuffledirect"), (4, "nearest+conv")])
def test_a_picture_becomes_what_transformers_makes_of_it(scale: int, upsampler: str, tmp_path: Path) -> None:
    model, picture = written(loud(scale, upsampler), tmp_path), noise(32, 48)
    assert apart(one(loaded(tmp_path), picture), theirs(model, picture.pixels)) == 0


@pytest.mark.parametrize("size", [(1, 1), (7, 30), (33, 41)])
def test_any_size_is_enlarged_as_if_it_went_on_beyond_its_last_pixels(size: tuple[int, int], tmp_path: Path) -> None:
    model, picture = written(loud(), tmp_path), noise(*size)
    down, across = (-side % 8 for side in size)
    whole = theirs(model, np.pad(picture.pixels, ((0, down), (0, across), (0, 0)), mode="edge"))
    assert apart(one(loaded(tmp_path), picture), whole[: 2 * size[0], : 2 * size[1]]) == 0


@pytest.mark.parametrize("size", [(96, 64), (64, 200), (136, 152)])
def test_tiles_leave_no_seam(size: tuple[int, int], tmp_path: Path) -> None:
    model, picture = written(calm(), tmp_path, "tile = 64\noverlap = 24"), noise(*size)
    tiled, whole = one(loaded(tmp_path), picture), theirs(model, picture.pixels)
    assert apart(tiled, whole) <= 1, apart(tiled, whole)


def test_what_a_border_spoils_is_not_used() -> None:
    whole = torch.rand(3, 136, 152, generator=torch.Generator().manual_seed(1))
    tiling = Tiling.of(whole.shape[1:], Grid(side=64, overlap=16, window=8))
    tiles = [tile.repeat_interleave(2, 1).repeat_interleave(2, 2) for tile in tiling.cut(whole)]
    across = len(tiling.across.starts)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, across)
        spoilt = 2 * 16 // 4
        if row:
            tile[:, :spoilt] = 9.0
        if column:
            tile[:, :, :spoilt] = 9.0
        if column < across - 1:
            tile[:, :, -spoilt:] = 9.0
    joined = tiling.joined(tiles, 2)
    assert torch.allclose(joined, whole.repeat_interleave(2, 1).repeat_interleave(2, 2), atol=1e-6)


def test_tiles_weigh_one_together_at_every_length() -> None:
    grid = Grid(side=64, overlap=24, window=8)
    for length in range(8, 600, 8):
        cut = Cut.of(length, grid)
        total = torch.zeros(2 * length)
        for start, weights in zip(cut.starts, cut.weights(2, grid.overlap), strict=True):
            total[2 * start : 2 * start + len(weights)] += weights
        assert torch.allclose(total, torch.ones(2 * length)), length
        assert all(start % grid.window == 0 for start in cut.starts), cut
        assert all(after - before <= grid.side - grid.overlap for before, after in pairwise(cut.starts)), cut


def test_a_picture_is_the_same_alone_and_in_company(tmp_path: Path) -> None:
    written(calm(), tmp_path, "tile = 32\noverlap = 8\nbatch = 3")
    upscaler, pictures = loaded(tmp_path), [noise(48, 40, 1), noise(20, 90, 2), noise(48, 40, 3)]
    for picture, outcome in zip(pictures, upscaler.upscale(pictures), strict=True):
        assert isinstance(outcome, Picture)
        assert apart(outcome.pixels, one(upscaler, picture)) <= 1


def test_what_cannot_be_enlarged_is_refused_alone(tmp_path: Path) -> None:
    written(calm(), tmp_path, "largest_side = 40")
    bad, large, good = loaded(tmp_path).upscale([BAD, noise(8, 41), noise(8, 40)])
    assert isinstance(bad, Refusal), bad
    assert isinstance(large, Refusal), large
    assert (bad.code, large.code) == ("bad_picture", "bad_size")
    assert isinstance(good, Picture), good


def test_sixteen_bits_keep_every_level(tmp_path: Path) -> None:
    written(build(), tmp_path)  # interpolates, so that every level of the ramp comes out
    ramp = Picture(np.arange(256, dtype=np.uint8)[None, :, None].repeat(16, 0).repeat(3, 2))
    numbers, cpu = Swin2SRNumbers(), torch.device("cpu")
    full, half = (
        one(Swin2SRUpscaler(tmp_path / "upscaler", numbers, cpu, dtype), ramp)
        for dtype in (torch.float32, torch.bfloat16)
    )
    assert apart(full, half) <= 2, apart(full, half)
    assert len(np.unique(half)) > 240, f"{len(np.unique(half))} of 256 levels; bfloat16 itself has half of them"


@pytest.mark.parametrize(
    ("options", "says"), [("tile = 100", "multiples of 8"), ("tile = 64\noverlap = 32", "leaves nothing of a tile")]
)
def test_tiles_that_cannot_work_are_named(options: str, says: str, tmp_path: Path) -> None:
    written(calm(), tmp_path, options)
    with pytest.raises((PackError, ValueError), match=says):
        loaded(tmp_path)


def test_a_manifest_of_another_scale_is_refused(tmp_path: Path) -> None:
    written(calm(), tmp_path)
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("scale = 2", "scale = 4"))
    with pytest.raises(PackError, match="enlarges 2 times, its manifest says 4"):
        loaded(tmp_path)


def test_the_facts_name_scale_and_licence_and_the_gate_asks(tmp_path: Path) -> None:
    written(calm(), tmp_path)
    facts = about("upscaler", {"kind": "swin2sr", "pack": str(tmp_path)})
    assert (facts["role"], facts["options"]["scale"], facts["licence"]) == ("upscaler", 2, "Apache-2.0")
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("Apache-2.0", "CC-BY-NC-4.0"))
    with pytest.raises(LicenceError, match="upscaler"):
        upscaler_recipe({"kind": "swin2sr", "pack": str(tmp_path)})
