"""The upscaler: a picture with `scale` times the pixels along each side, tile by tile."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import Swin2SRForImageSuperResolution

from models.domain import Picture, Pixels, Refusal
from models.errors import PackError
from models.swin2sr.numbers import Swin2SRNumbers
from models.swin2sr.tiles import Grid, Tiling


class Swin2SRUpscaler:
    """Any Swin2SRForImageSuperResolution folder; what is smaller than a tile is enlarged in one piece.

    Of 16 bits are the products alone: a picture in bfloat16 would have half of its levels.
    """

    def __init__(self, folder: Path, numbers: Swin2SRNumbers, device: torch.device, dtype: torch.dtype) -> None:
        model = Swin2SRForImageSuperResolution.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
        found, window = model.config.upscale, model.config.window_size
        if found != numbers.scale:
            raise PackError(f"{folder} enlarges {found} times, its manifest says {numbers.scale}; correct `scale`")
        if numbers.tile % window or numbers.overlap % window:
            raise PackError(f"tile {numbers.tile} and overlap {numbers.overlap} must be multiples of {window}")
        self._model, self._numbers = model.eval().to(device), numbers
        self._grid = Grid(numbers.tile, numbers.overlap, window)
        self._device, self._dtype = device, dtype

    @torch.inference_mode()
    def upscale(self, pictures: Sequence[Picture]) -> list[Picture | Refusal]:
        """Each `scale` times as wide and high; a picture that cannot be enlarged is refused alone."""
        refused = [self._refusal(picture) for picture in pictures]
        planes = [_plane(picture.pixels) for picture, found in zip(pictures, refused, strict=True) if found is None]
        enlarged = iter(self._enlarged(planes))
        return [next(enlarged) if found is None else found for found in refused]

    def _enlarged(self, planes: Sequence[Tensor]) -> list[Picture]:
        """Of (3, height, width) in 0-1; tiles of one shape share forward passes, whichever picture they are of."""
        whole = [_filled(plane, self._grid.window) for plane in planes]
        tilings = [Tiling.of(plane.shape[1:], self._grid) for plane in whole]
        cut = [tiling.cut(plane) for tiling, plane in zip(tilings, whole, strict=True)]
        done = iter(self._together([tile for tiles in cut for tile in tiles]))
        times, found = self._numbers.scale, []
        for tiling, tiles, plane in zip(tilings, cut, planes, strict=True):
            joined = tiling.joined([next(done) for _ in tiles], times)
            found.append(Picture(_pixels(joined[:, : plane.shape[1] * times, : plane.shape[2] * times])))
        return found

    def _together(self, tiles: Sequence[Tensor]) -> list[Tensor]:
        done: dict[int, Tensor] = {}
        for places in _alike(tiles, self._numbers.batch):
            together = torch.stack([tiles[place] for place in places]).to(self._device)
            with torch.autocast(self._device.type, self._dtype, enabled=self._dtype != torch.float32):
                enlarged = self._model(pixel_values=together).reconstruction.float().cpu()
            done.update(zip(places, enlarged, strict=True))
        return [done[place] for place in range(len(tiles))]

    def _refusal(self, picture: Picture) -> Refusal | None:
        pixels = picture.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
            return Refusal("bad_picture", f"a picture is uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}")
        if max(picture.size) > self._numbers.largest_side:
            most = self._numbers.largest_side
            return Refusal("bad_size", f"a side of {max(picture.size)} pixels is not enlarged; send {most} at most")
        return None


def _plane(pixels: Pixels) -> Tensor:
    """uint8 (height, width, 3) to 0-1 (3, height, width)."""
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float().div_(255.0)


def _pixels(plane: Tensor) -> Pixels:
    levels: Pixels = plane.clamp(0.0, 1.0).mul(255.0).round_().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
    return levels


def _filled(plane: Tensor, window: int) -> Tensor:
    """Continued to the right and below to whole windows, as transformers' processor does, by its last pixels."""
    down, across = (-side % window for side in plane.shape[1:])
    return F.pad(plane[None], (0, across, 0, down), mode="replicate")[0]


def _alike(tiles: Sequence[Tensor], batch: int) -> Iterator[list[int]]:
    """Places of tiles that have one shape, at most `batch` at a time."""
    shapes: dict[torch.Size, list[int]] = {}
    for place, tile in enumerate(tiles):
        shapes.setdefault(tile.shape, []).append(place)
    for places in shapes.values():
        for start in range(0, len(places), batch):
            yield places[start : start + batch]
