"""The starter's encoder as the one matrix that it is: milliseconds instead of the seconds of its convolutions."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.starter.recipes.patch_basis import PATCH

SIDE = 256  # pixels; as many patches as one probe holds
NUMBERS = 3 * PATCH * PATCH  # of one patch


@dataclass(frozen=True)
class LatentMap:
    """`matrix` (channels, 768) and `offset` (channels,): latents of a patch, channel by row by column."""

    matrix: Tensor
    offset: Tensor

    @classmethod
    @torch.inference_mode()
    def of(cls, vae: Any) -> "LatentMap":
        """Read off an encoder that looks at each patch alone and is affine: one number of a patch is lit at a time."""
        across = SIDE // PATCH
        offset = vae.encode(torch.zeros(1, 3, SIDE, SIDE)).latent_dist.mode()[0, :, 0, 0]
        columns = []
        for start in range(0, NUMBERS, across**2):
            lit = torch.eye(NUMBERS)[start : start + across**2].view(across, across, 3, PATCH, PATCH)
            probe = lit.permute(2, 0, 3, 1, 4).reshape(1, 3, SIDE, SIDE)
            columns.append(vae.encode(probe).latent_dist.mode()[0].flatten(1) - offset[:, None])
        return cls(torch.cat(columns, dim=1).clone(), offset.clone())

    def encode(self, pictures: Tensor) -> Tensor:
        """Pictures (n, 3, height, width) in -1..1 to latents (n, channels, height / 16, width / 16)."""
        return torch.nn.functional.conv2d(pictures, self.matrix.view(-1, 3, PATCH, PATCH), self.offset, stride=PATCH)
