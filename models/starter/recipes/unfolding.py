"""A decoder that unfolds principal components into pixels exactly, halving patches by rows and columns four times.

Nearest upsampling and convolutions alone cannot tell the left half of a patch from the right one. So two bits per pixel
say whether its row and column are even: at 16 x 16 they grow from the zero padding inwards, two columns per residual
block (hence pictures of at most `LARGEST` pixels), and each upsampling doubles them. A block then splits values by such
a bit: its SiLUs pass one half's map and block the other's.
"""

from typing import Any

import torch
from torch import Tensor

from models.starter.recipes.linear_lanes import (
    LIFT,
    MIDDLE,
    Lanes,
    Tap,
    anchor,
    carry,
    gain,
    lowered,
    mirror,
    set_conv,
    set_norm,
)
from models.starter.recipes.splits import Split

LARGEST = 256  # pixels: 8 columns from each side in four residual blocks
ABOVE, BELOW, LEFT, RIGHT = (0, 1), (2, 1), (1, 0), (1, 2)
# Where a pulse starts: the tap that looks there, the tap back, the bit that it fills, filled before the shift?
SIDES: tuple[tuple[Tap, Tap, int, bool], ...] = (
    (ABOVE, BELOW, 0, True), (BELOW, ABOVE, 0, False), (LEFT, RIGHT, 1, True), (RIGHT, LEFT, 1, False),
)  # fmt: skip


@torch.no_grad()
def write_into(
    decoder: Any, entry: dict[Tap, Tensor], splits: list[Split], exit_map: Tensor, exit_bias: Tensor
) -> None:
    """Sets a decoder's weights: `entry` maps latents to the first values, eight splits follow, `exit_map` gives RGB."""
    state = Lanes(decoder.conv_in.out_channels, splits[0].inputs, 6)
    set_conv(decoder.conv_in, entry)
    mirror(decoder.conv_in)
    anchor(decoder.conv_in)
    _grow(decoder.mid_block.resnets[0], state, first=True)
    for resnet in (decoder.mid_block.resnets[1], *decoder.up_blocks[0].resnets[:2]):
        _grow(resnet, state, first=False)
    _clamp(decoder.up_blocks[0].resnets[2], state)
    for level, block in enumerate(decoder.up_blocks[1:]):
        rows, columns = splits[2 * level : 2 * level + 2]
        _upsample(decoder.up_blocks[level].upsamplers[0].conv, state)
        inside, state = state, Lanes(block.resnets[0].conv1.out_channels, rows.inputs)
        _double(block.resnets[0], inside, state)
        _split(block.resnets[1], state, 0, rows)
        state = Lanes(state.width, columns.inputs)
        _split(block.resnets[2], state, 1, columns)
        state = Lanes(state.width, columns.outputs)
    values = slice(0, state.values)
    set_norm(decoder.conv_norm_out, gain(state.width), values)
    set_conv(decoder.conv_out, {MIDDLE: lowered(exit_map, state.width, values)}, exit_bias)


def _hidden(resnet: Any, units: int, divisor: float) -> None:
    """The second norm: units pass with their gain, the plus lane gives the constant."""
    set_norm(resnet.norm2, 0.0, slice(0, 0))
    resnet.norm2.weight[:units] = divisor


def _grow(resnet: Any, state: Lanes, first: bool) -> None:
    """Moves a pulse from each side two pixels inwards and sets the even one of the two pixels' bit."""
    width = state.width
    set_norm(resnet.norm1, gain(width), slice(0, 0), slice(state.bit(0), state.plus))
    towards: dict[Tap, Tensor] = {}
    back: dict[Tap, Tensor] = {}
    for unit, (source, reverse, bit, before) in enumerate(SIDES):
        pulse = state.bit(2 + unit)
        towards.setdefault(source, torch.zeros(width, width))[unit, state.plus if first else pulse] = (
            -1.0 if first else 1.0
        )
        for tap in (MIDDLE, source, reverse):
            back.setdefault(tap, torch.zeros(width, width))
        back[MIDDLE if before else source][state.bit(bit), unit] += 1 / LIFT
        back[source][pulse, unit] += 1 / LIFT
        if not first:
            back[reverse][pulse, unit] -= 1 / LIFT
    set_conv(resnet.conv1, towards, torch.full((4,), LIFT) if first else None)
    mirror(resnet.conv1)
    resnet.conv1.bias[-1] = -resnet.conv1.bias[:4].sum()
    anchor(resnet.conv1)
    _hidden(resnet, 4, gain(width))
    set_conv(resnet.conv2, back)
    mirror(resnet.conv2)


def _clamp(resnet: Any, state: Lanes) -> None:
    """Bits that both sides have set count once."""
    width = state.width
    set_norm(resnet.norm1, gain(width), slice(0, 0), slice(state.bit(0), state.bit(2)))
    rows, out = torch.zeros(2, width), torch.zeros(width, 2)
    for bit in range(2):
        rows[bit, state.bit(bit)] = 1.0
        out[state.bit(bit), bit] = -1 / LIFT
    set_conv(resnet.conv1, {MIDDLE: rows}, torch.full((2,), -LIFT))
    mirror(resnet.conv1)
    resnet.conv1.bias[-1] = 2 * LIFT
    anchor(resnet.conv1)
    _hidden(resnet, 2, gain(width))
    set_conv(resnet.conv2, {MIDDLE: out})
    mirror(resnet.conv2)


def _upsample(conv: Any, state: Lanes) -> None:
    """Nearest upsampling makes a bit 1 1 0 0; with its neighbour before it, less one, 0 1 0 -1: odd where not zero."""
    keep, rows, columns = (torch.zeros(state.width, state.width) for _ in range(3))
    keep[range(state.values), range(state.values)] = 1
    for bit, before in enumerate((rows, columns)):
        keep[state.bit(bit), state.bit(bit)] = 1
        before[state.bit(bit), state.bit(bit)] = 1
    bias = torch.zeros(state.width)
    bias[state.bit(0) : state.bit(2)] = -1
    set_conv(conv, {MIDDLE: keep, ABOVE: rows, LEFT: columns}, bias)
    carry(conv, state, state)


def _double(resnet: Any, inside: Lanes, outside: Lanes) -> None:
    """Turns 0 1 0 -1 into 1 0 1 0: adds 1 - 2 max(t, 0); the shortcut copies values, bits and anchors."""
    set_norm(resnet.norm1, gain(inside.width), slice(0, 0), slice(inside.bit(0), inside.bit(2)))
    rows, out = torch.zeros(2, inside.width), torch.zeros(outside.width, 2)
    copy = torch.zeros(outside.width, inside.width)
    copy[range(inside.values), range(inside.values)] = 1
    bias = torch.zeros(outside.width)
    for bit in range(2):
        rows[bit, inside.bit(bit)] = 1.0
        out[outside.bit(bit), bit] = -2 / LIFT
        copy[outside.bit(bit), inside.bit(bit)] = 1
        bias[outside.bit(bit)] = 1
    set_conv(resnet.conv1, {MIDDLE: rows})
    mirror(resnet.conv1)
    anchor(resnet.conv1)
    _hidden(resnet, 2, gain(outside.width))
    set_conv(resnet.conv2, {MIDDLE: out}, bias)
    mirror(resnet.conv2)
    resnet.conv2.bias[-1] = -bias.sum()
    set_conv(resnet.conv_shortcut, {MIDDLE: copy})
    carry(resnet.conv_shortcut, inside, outside)


def _split(resnet: Any, state: Lanes, bit: int, split: Split) -> None:
    """Values become `even` of them where the bit is set, `odd` of them elsewhere."""
    count, width, values = split.inputs, state.width, slice(0, split.inputs)
    set_norm(resnet.norm1, gain(width), values, slice(state.bit(0), state.plus))
    rows = torch.zeros(2 * count + 1, width)
    rows[range(count), range(count)] = 1  # passed everywhere
    rows[range(count, 2 * count), range(count)] = 1  # passed where the bit is set
    rows = lowered(rows, width, values)
    rows[count : 2 * count, state.bit(bit)] = 2.0
    rows[2 * count, state.bit(bit)] = 1.0
    bias = torch.cat([torch.full((count,), LIFT), torch.full((count,), -LIFT), torch.zeros(1)])
    set_conv(resnet.conv1, {MIDDLE: rows}, bias)
    mirror(resnet.conv1, slice(state.bit(0), state.plus))
    drift = float(count * LIFT + LIFT / 2)  # half of the pixels have the bit
    anchor(resnet.conv1, drift)
    _hidden(resnet, 2 * count + 1, gain(width, (2 * count + 0.5) * LIFT**2, drift))
    set_conv(
        resnet.conv2,
        {MIDDLE: _choice(split, width)},
        torch.cat([split.odd_bias, torch.zeros(max(0, count - split.outputs))]),
    )
    mirror(resnet.conv2)
    resnet.conv2.bias[-1] = -resnet.conv2.bias[:-3].sum()


def _choice(split: Split, width: int) -> Tensor:
    """odd (linear) + (even - odd) (gated) - the old values, for the units of `_split`."""
    count = split.inputs
    rows = max(count, split.outputs)
    change = torch.zeros(rows, width)
    change[: split.outputs, :count] = split.odd
    change[range(count), range(count)] -= 1
    change[:, width - 3] = -change[:, :count].sum(1)
    difference = split.even - split.odd
    change[: split.outputs, count : 2 * count] = difference
    change[: split.outputs, 2 * count] = (split.even_bias - split.odd_bias) / LIFT - difference.sum(1)
    return change
