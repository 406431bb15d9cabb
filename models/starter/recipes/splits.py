"""Which linear maps take the components of a patch to those of its halves, fitted on training patches."""

from dataclasses import dataclass

import torch
from torch import Tensor

from models.starter.recipes.patch_basis import PATCH

KEPT = (48, 40, 40, 20, 20, 10, 10, 3)  # values after each split: 8x16, 8x8, 4x8, 4x4, 2x4, 2x2, 1x2 and 1x1 pixels
SPREAD = 4.0  # largest value among the samples; a SiLU lifted by 16 is exact there
LARGEST_SAMPLE = 16_000


@dataclass(frozen=True)
class Split:
    """Values (inputs,) to those of the first half, `even` and `even_bias`, and of the second, `odd` and `odd_bias`."""

    even: Tensor
    even_bias: Tensor
    odd: Tensor
    odd_bias: Tensor

    @property
    def inputs(self) -> int:
        return int(self.even.shape[1])

    @property
    def outputs(self) -> int:
        return int(self.even.shape[0])


def fit_splits(values: Tensor, patches: Tensor) -> tuple[list[Split], Tensor, Tensor]:
    """Eight splits for `values` (n, k) of patches (n, 3, 16, 16), and the last values' map to RGB with its bias."""
    rows = torch.cat([values, torch.ones(len(values), 1)], 1).double()
    solution = torch.linalg.solve(rows.T @ rows, rows.T @ patches.reshape(len(patches), -1).double())
    decode, offset = solution[:-1].T, solution[-1]
    shape, splits = (3, PATCH, PATCH), list[Split]()
    values = values.double()
    for step, kept in enumerate(KEPT):
        axis = 1 + step % 2
        halves = [
            (
                decode.view(*shape, -1).chunk(2, axis)[half].flatten(0, 2),
                offset.view(shape).chunk(2, axis)[half].flatten(),
            )
            for half in range(2)
        ]
        shape = (3, shape[1] // 2, shape[2]) if axis == 1 else (3, shape[1], shape[2] // 2)
        samples = torch.cat([values[: LARGEST_SAMPLE // 2] @ part.T + constant for part, constant in halves])
        mean = samples.mean(0)
        _, vectors = torch.linalg.eigh((samples - mean).T @ (samples - mean))
        basis = vectors.flip(1)[:, :kept]
        scale = SPREAD / ((samples - mean) @ basis).abs().amax(0).clamp_min(1e-3)
        project = scale[:, None] * basis.T
        (even, even_bias), (odd, odd_bias) = [
            (project @ part, project @ (constant - mean)) for part, constant in halves
        ]
        splits.append(Split(even.float(), even_bias.float(), odd.float(), odd_bias.float()))
        values = (samples - mean) @ project.T
        values = values[torch.randperm(len(values), generator=torch.Generator().manual_seed(step))]
        decode, offset = basis / scale, mean
    return splits, decode.float(), offset.float()
