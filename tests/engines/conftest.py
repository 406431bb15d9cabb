"""One cache of engines for all tests here, filled as they ask: an export takes seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from models.checkpoint import STARTER_PACK
from models.engines.workshop import Workshop

WIDTHS, TEXT = (16, 32), 16
MANIFEST = """
pack = "drawn at random"
version = 1
[parts.retoucher]
kind = "stable-diffusion"
path = "."
licence = { spdx = "Apache-2.0" }
options = { steps = 4, guidance = 3.0, largest_side = 64, batch = 2 }
[parts.retoucher.adapters.pose]
path = "controlnet"
licence = { spdx = "Apache-2.0" }
base_model = "drawn at random"
"""


@pytest.fixture(scope="session")
def engines_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("engines", numbered=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VITRINE_ENGINES", str(folder))
        yield folder


@pytest.fixture(scope="session")
def workshop(engines_folder: Path) -> Workshop:
    return Workshop(STARTER_PACK, "cpu")


@pytest.fixture(scope="session")
def retouching(engines_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Small modules of Stable Diffusion's architecture, their weights drawn from a seed."""
    folder = tmp_path_factory.mktemp("retouching")
    (folder / "manifest.toml").write_text(MANIFEST, "utf-8")
    torch.manual_seed(0)
    down = ("CrossAttnDownBlock2D", "DownBlock2D")
    shared = {"block_out_channels": WIDTHS, "layers_per_block": 1, "norm_num_groups": 8, "attention_head_dim": 4}
    unet = UNet2DConditionModel(
        sample_size=32, in_channels=9, out_channels=4, down_block_types=down,
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=TEXT, **shared,
    )  # fmt: skip
    control = ControlNetModel(
        in_channels=4, down_block_types=down, cross_attention_dim=TEXT,
        conditioning_embedding_out_channels=(8, 16), **shared,
    )  # fmt: skip
    for parameter in control.parameters():
        if not parameter.any():  # a ControlNet starts with zeros, of which every error is none
            nn.init.normal_(parameter, std=0.1)
    vae = AutoencoderKL(
        block_out_channels=WIDTHS, down_block_types=("DownEncoderBlock2D",) * 2, norm_num_groups=8,
        up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4,
    )  # fmt: skip
    config = CLIPTextConfig(
        vocab_size=64, hidden_size=TEXT, intermediate_size=32, projection_dim=TEXT, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=12, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    text = CLIPTextModel(config)
    for name, module in (("unet", unet), ("controlnet", control), ("vae", vae), ("text_encoder", text)):
        module.save_pretrained(folder / name)
    return Workshop(folder, "cpu")
