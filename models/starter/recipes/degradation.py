"""What a generator does to a drawing: softness, lost patch detail, noise, compression, a slight shift."""

import io
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

PATCHES = 16  # along a side, as the starter's autoencoder cuts its pictures of 256 px
KEPT = (40, 64, 96)  # of the 192 components of a patch of 8 px
SHARES = {"none": 0.3, "blur": 0.2, "patches": 0.3, "halved": 0.1, "jpeg": 0.1}
NOISE = 0.03  # largest standard deviation, pictures being 0-1
NOISY = 0.4  # of the pictures
GAIN = 0.03  # exposure; more would turn a colour into its neighbour
ZOOM, SHIFT = 0.06, 0.05  # of the picture's side


class Degradation:
    """Pictures (n, 3, side, side) in 0-1 to slightly spoilt ones; the colour stays what it is."""

    def __init__(self, pictures: NDArray[np.uint8], seed: int, move: bool = True, kept: Sequence[int] = KEPT) -> None:
        """`pictures`, uint8 (n, side, side, 3), give the components of which `kept` stay; `move` shifts and flips."""
        self._move, self._kept = move, kept
        patches = _patches(as_tensor(pictures))
        rows = patches.reshape(-1, patches.shape[-1])
        _, vectors = torch.linalg.eigh((rows.T @ rows).double())
        self._basis = vectors.flip(1).float()
        self._rng = np.random.default_rng(seed)

    def __call__(self, pictures: Tensor) -> Tensor:
        kinds = self._rng.choice(list(SHARES), size=len(pictures), p=list(SHARES.values()))
        moved = self._moved(pictures) if self._move else pictures.clone()
        for kind, spoil in (
            ("blur", self._blurred),
            ("patches", self._simplified),
            ("halved", _halved),
            ("jpeg", _jpeg),
        ):
            rows = torch.from_numpy(np.flatnonzero(kinds == kind))
            if len(rows):
                moved[rows] = spoil(moved[rows])
        count = len(pictures)
        gain = torch.from_numpy(self._rng.uniform(1 - GAIN, 1 + GAIN, (count, 1, 1, 1))).float()
        moved *= gain
        noisy = torch.from_numpy(np.flatnonzero(self._rng.random(count) < NOISY))
        spread = torch.from_numpy(self._rng.uniform(0, NOISE, (len(noisy), 1, 1, 1))).float()
        moved[noisy] += torch.randn_like(moved[noisy]) * spread
        return moved.clamp_(0.0, 1.0)

    def _moved(self, pictures: Tensor) -> Tensor:
        """Flipped or not, a little larger or smaller, a little aside; the border is continued."""
        count = len(pictures)
        matrix = torch.zeros(count, 2, 3)
        zoom = torch.from_numpy(self._rng.uniform(1 - ZOOM, 1 + ZOOM, count)).float()
        flip = torch.from_numpy(self._rng.choice([-1.0, 1.0], count)).float()
        matrix[:, 0, 0], matrix[:, 1, 1] = zoom * flip, zoom
        matrix[:, :, 2] = torch.from_numpy(self._rng.uniform(-SHIFT, SHIFT, (count, 2))).float()
        grid = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
        return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)

    def _blurred(self, pictures: Tensor) -> Tensor:
        sigma = float(self._rng.uniform(0.4, 1.1))
        offsets = torch.arange(-3, 4).float()
        kernel = torch.exp(-offsets.square() / (2 * sigma**2))
        kernel = (kernel / kernel.sum()).expand(3, 1, 1, 7)
        wide = F.conv2d(F.pad(pictures, (3, 3, 0, 0), mode="replicate"), kernel, groups=3)
        return F.conv2d(F.pad(wide, (0, 0, 3, 3), mode="replicate"), kernel.transpose(2, 3), groups=3)

    def _simplified(self, pictures: Tensor) -> Tensor:
        basis = self._basis[:, : int(self._rng.choice(self._kept))]
        patches = _patches(pictures)
        return _unpatched(patches @ basis @ basis.T, pictures.shape[-1])


def as_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """uint8 (n, height, width, 3) to 0-1 (n, 3, height, width)."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div_(255.0)


def _patches(pictures: Tensor) -> Tensor:
    """(n, 3, side, side) to (n, PATCHES, PATCHES, 3 * pixels of a patch)."""
    count, channels, side, _ = pictures.shape
    blocks = pictures.view(count, channels, PATCHES, side // PATCHES, PATCHES, side // PATCHES)
    return blocks.permute(0, 2, 4, 1, 3, 5).reshape(count, PATCHES, PATCHES, -1)


def _unpatched(patches: Tensor, side: int) -> Tensor:
    wide = side // PATCHES
    blocks = patches.view(len(patches), PATCHES, PATCHES, 3, wide, wide).permute(0, 3, 1, 4, 2, 5)
    return blocks.reshape(len(patches), 3, side, side)


def _halved(pictures: Tensor) -> Tensor:
    side = pictures.shape[-1]
    small = F.interpolate(pictures, size=side // 2, mode="area")
    return F.interpolate(small, size=side, mode="bicubic", align_corners=False).clamp(0.0, 1.0)


def _jpeg(pictures: Tensor) -> Tensor:
    pixels = (pictures * 255).byte().permute(0, 2, 3, 1).numpy()
    decoded = []
    for picture in pixels:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, format="JPEG", quality=60)
        decoded.append(np.asarray(Image.open(buffer)))
    return as_tensor(np.stack(decoded))
