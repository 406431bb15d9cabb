"""A principal-component basis of 16 x 16 patches, and an `AutoencoderKL` encoder that computes it exactly."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.starter.recipes.linear_lanes import MIDDLE, anchor, gain, lowered, mirror, set_conv, set_norm

Matrix = NDArray[np.float32]

PATCH = 16  # pixels; four stride-2 stages
WIDTHS = (12, 32, 64)  # components kept after 2 x 2 (all), 4 x 4 and 8 x 8 pixels
REACH = 0.5  # latents times this stay well below the lift of a SiLU
LOG_VARIANCE = -30.0  # the encoder is deterministic


@dataclass(frozen=True)
class PatchBasis:
    """`stages`: (out, 4 * in) per halving; `scale` and `shift` (channels,): latent = scale * (component - shift)."""

    stages: tuple[Matrix, ...]
    scale: Matrix
    shift: Matrix

    @property
    def channels(self) -> int:
        return len(self.scale)

    def encode(self, pictures: Tensor) -> Tensor:
        """Pictures (n, 3, height, width) in -1..1 to latents (n, channels, height / 16, width / 16)."""
        features = pictures
        for stage in self.stages:
            features = torch.einsum("oi,nihw->nohw", torch.from_numpy(stage), _space_to_depth(features))
        centred = features - torch.from_numpy(self.shift)[:, None, None]
        return centred * torch.from_numpy(self.scale)[:, None, None]


def _space_to_depth(features: Tensor) -> Tensor:
    """(n, c, h, w) to (n, 4c, h/2, w/2), channel order (row parity, column parity, c)."""
    count, channels, height, width = features.shape
    blocks = features.view(count, channels, height // 2, 2, width // 2, 2).permute(0, 3, 5, 1, 2, 4)
    return blocks.reshape(count, 4 * channels, height // 2, width // 2)


def fit(pictures: Tensor, channels: int) -> PatchBasis:
    """Principal components, stage by stage, of pictures (n, 3, h, w) in -1..1, scaled to the root of their spread.

    White is zero: a catalogue's background asks nothing of a denoiser but to pass its noise on.
    """
    stages: list[Matrix] = []
    features = pictures
    for width in (*WIDTHS, channels):
        features = _space_to_depth(features)
        flat = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1]).double()
        # The identity keeps the first, lossless stage a plain rearrangement.
        matrix = torch.eye(width) if width == flat.shape[1] else _leading(flat, width)
        matrix = matrix.to(torch.float16).float()  # what the stored weights will hold
        stages.append(matrix.numpy())
        features = torch.einsum("oi,nihw->nohw", matrix, features)
    flat = features.permute(0, 2, 3, 1).reshape(-1, channels)
    deviation = flat.std(0)
    root = deviation.clamp_min(1e-4).rsqrt()
    scale = root / (deviation * root).square().mean().sqrt()
    white = torch.ones(1, 3, PATCH, PATCH)
    for stage in stages:
        white = torch.einsum("oi,nihw->nohw", torch.from_numpy(stage), _space_to_depth(white))
    return PatchBasis(tuple(stages), scale.half().float().numpy(), white.flatten().numpy())


def _leading(rows: Tensor, count: int) -> Tensor:
    centred = rows - rows.mean(0)
    _, vectors = torch.linalg.eigh(centred.T @ centred)
    leading: Tensor = vectors.flip(1)[:, :count].T.float()
    return leading


@torch.no_grad()
def write_into(encoder: Any, basis: PatchBasis) -> None:
    """Sets an encoder's weights so that its mean is `basis.encode`; every residual branch is silenced."""
    for module in encoder.modules():
        if hasattr(module, "conv2"):
            set_conv(module.conv2, {})
            if module.conv_shortcut is not None:
                set_conv(
                    module.conv_shortcut,
                    {MIDDLE: torch.eye(module.conv_shortcut.out_channels)[:, : module.conv_shortcut.in_channels]},
                )
    set_conv(encoder.conv_in, {MIDDLE: torch.eye(3)})
    for block, stage in zip(encoder.down_blocks, basis.stages, strict=False):
        taps = torch.from_numpy(stage).view(len(stage), 2, 2, -1)
        set_conv(
            block.downsamplers[0].conv, {(row, column): taps[:, row, column] for row in range(2) for column in range(2)}
        )
    _read_out(encoder, basis)


def _read_out(encoder: Any, basis: PatchBasis) -> None:
    """The last block's shortcut scales components to a lifted SiLU's reach, the last convolution undoes it."""
    count, shortcut = basis.channels, encoder.down_blocks[-1].resnets[0].conv_shortcut
    scale, shift = torch.from_numpy(basis.scale), torch.from_numpy(basis.shift)
    set_conv(shortcut, {MIDDLE: REACH * torch.diag(scale)}, -REACH * scale * shift)
    mirror(shortcut)
    shortcut.bias[-1] = -shortcut.bias[:count].sum()
    anchor(shortcut)
    width, values = shortcut.out_channels, slice(0, count)
    set_norm(encoder.conv_norm_out, gain(width), values)
    log_variance = torch.full((count,), LOG_VARIANCE)
    set_conv(
        encoder.conv_out,
        {MIDDLE: lowered(torch.eye(count) / REACH, width, values)},
        torch.cat([torch.zeros(count), log_variance]),
    )
