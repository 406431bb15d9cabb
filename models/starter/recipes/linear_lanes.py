"""Exact arithmetic inside the residual blocks of an `AutoencoderKL` whose group norms have one group.

A lane is a channel with a meaning. Two lanes of plus and minus `ANCHOR` fix the variance that the norm divides by, and
a mirror lane holds minus the sum of the values, so that the mean is known: the norm becomes a constant gain. A SiLU
passes a value lifted by `LIFT` unchanged; the lane of plus `ANCHOR` gives the constant that takes the lift away again,
and it is zero outside the picture like every other input, so that taps beside the middle see zero padding.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

ANCHOR = 1000.0
LIFT = 16.0  # silu(16 + x) - 16 differs from x by less than 1e-3 for |x| < 7
Tap = tuple[int, int]  # row and column in a 3 x 3 kernel
MIDDLE: Tap = (1, 1)


@dataclass(frozen=True)
class Lanes:
    """Channels of a feature map: values first, free ones, bits (0 or 1), and last the three of the norm."""

    width: int
    values: int
    bits: int = 2

    @property
    def plus(self) -> int:
        return self.width - 3

    def bit(self, index: int) -> int:
        return self.width - 3 - self.bits + index

    def __post_init__(self) -> None:
        if self.values + self.bits + 3 > self.width:
            raise ValueError(
                f"{self.values} values, {self.bits} bits and the norm's three lanes exceed {self.width} channels"
            )


def gain(width: int, power: float = 0.0, drift: float = 0.0) -> float:
    """What the norm divides by; `power` is the sum of the squares of other constants, `drift` their sum."""
    return float(((ANCHOR**2 + (ANCHOR + drift) ** 2 + power) / width) ** 0.5)


@torch.no_grad()
def set_conv(conv: nn.Conv2d, taps: Mapping[Tap, Tensor], bias: Tensor | None = None) -> None:
    """Writes (out, in) matrices at the taps of a kernel; everything else is zero."""
    assert conv.bias is not None
    conv.weight.zero_()
    conv.bias.zero_()
    for (row, column), matrix in taps.items():
        place = (0, 0) if conv.kernel_size == (1, 1) else (row, column)
        conv.weight[: matrix.shape[0], : matrix.shape[1], place[0], place[1]] = matrix
    if bias is not None:
        conv.bias[: len(bias)] = bias


@torch.no_grad()
def carry(conv: nn.Conv2d, inside: Lanes, outside: Lanes) -> None:
    """After `set_conv` of a linear map between states: carries the anchors over and mirrors the rest."""
    assert conv.bias is not None
    middle = conv.kernel_size[0] // 2
    conv.weight[outside.plus :] = 0
    conv.bias[outside.plus :] = 0
    conv.weight[outside.plus + 2] = -conv.weight.sum(0)
    conv.bias[outside.plus + 2] = -conv.bias.sum()
    for lane in range(2):
        conv.weight[outside.plus + lane, inside.plus + lane, middle, middle] = 1


@torch.no_grad()
def anchor(conv: nn.Conv2d, drift: float = 0.0) -> None:
    """Anchors as constants; `drift` is the sum of the other rows' constants, which are not mirrored."""
    assert conv.bias is not None
    conv.bias[-3], conv.bias[-2] = ANCHOR, -ANCHOR - drift


@torch.no_grad()
def mirror(conv: nn.Conv2d, without: slice | None = None) -> None:
    """The mirror row from all others, biases left out, and without the input channels `without`."""
    conv.weight[-3:] = 0
    row = -conv.weight.sum(0)
    if without is not None:
        row[without] = 0
    conv.weight[-1] = row


@torch.no_grad()
def set_norm(norm: nn.GroupNorm, divisor: float, lifted: slice, scaled: slice = slice(0, 0)) -> None:
    """After norm and SiLU: `lifted` lanes x + LIFT, `scaled` ones LIFT * max(x, 0), the plus lane LIFT, others 0."""
    norm.weight.zero_()
    norm.bias.zero_()
    norm.weight[lifted], norm.bias[lifted] = divisor, LIFT
    norm.weight[scaled] = divisor * LIFT
    norm.bias[-3] = LIFT


def lowered(matrix: Tensor, width: int, lifted: slice) -> Tensor:
    """(out, lanes) for inputs after `set_norm`: the lift of `lifted` lanes is taken away through the plus lane."""
    full = torch.zeros(matrix.shape[0], width)
    full[:, : matrix.shape[1]] = matrix
    full[:, width - 3] -= full[:, lifted].sum(1)
    return full
