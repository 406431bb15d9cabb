"""Small Swin2SRs of random weights, written as the public checkpoints are."""

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Swin2SRConfig, Swin2SRForImageSuperResolution

from models.starter.recipes.upscaler import build

LOUD = 6.0  # times the usual spread of weights: at the usual one the body adds next to nothing


def loud(scale: int = 2, upsampler: str = "pixelshuffle") -> Any:
    """One that makes anything of a picture."""
    torch.manual_seed(0)
    return Swin2SRForImageSuperResolution(Swin2SRConfig(
        embed_dim=16, depths=[2], num_heads=[2], window_size=8, mlp_ratio=2.0, upscale=scale, upsampler=upsampler,
        initializer_range=0.02 * LOUD,
    )).eval()  # fmt: skip


def calm() -> Any:
    """One that interpolates and adds some forty levels to it, by windows."""
    torch.manual_seed(0)
    model = build()
    nn.init.normal_(model.swin2sr.conv_after_body.weight, std=0.02)
    return model.eval()


def written(model: Any, pack: Path, options: str = "") -> Any:
    """The model, whose folder and manifest now lie in `pack`."""
    model.save_pretrained(pack / "upscaler")
    (pack / "manifest.toml").write_text(f"""
pack = "small"
version = 1
[parts.upscaler]
kind = "swin2sr"
path = "upscaler"
licence = {{ spdx = "Apache-2.0" }}
dtype = "bfloat16"
[parts.upscaler.options]
scale = {model.config.upscale}
{options}
""")
    return model
