"""Modules of a config with seeded random weights, drawn where they will stand; never zeros, which run faster."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

SMALL = 0.02  # of biases, and around the ones of norms


def built(made: Callable[[], Any], device: torch.device, dtype: torch.dtype, seed: int = 0) -> Any:
    """The module that `made()` gives, on the device from the start: the host need not hold 24 GB."""
    return filled(shaped(made, device, dtype), seed)


def shaped(made: Callable[[], Any], device: torch.device, dtype: torch.dtype) -> Any:
    """The module as it is made; on the device `meta` it has no weights."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            return made()
    finally:
        torch.set_default_dtype(before)


@torch.no_grad()
def filled(module: nn.Module, seed: int) -> nn.Module:
    """Every map keeps the size of what passes through it, so that no number overflows after fifty layers."""
    generator: torch.Generator | None = None
    for name, weight in module.named_parameters():
        if generator is None:
            generator = torch.Generator(weight.device).manual_seed(seed)
        if weight.ndim > 1:
            weight.normal_(0.0, (weight.numel() / weight.shape[0]) ** -0.5, generator=generator)
        else:
            weight.normal_(float("norm" in name and name.endswith("weight")), SMALL, generator=generator)
    return module.eval().requires_grad_(False)
