"""A whole inpainting pipeline of the real classes with seeded random weights, on disk and as diffusers runs it."""

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    PNDMScheduler,
    StableDiffusionControlNetInpaintPipeline,
    UNet2DConditionModel,
)
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from models.starter.recipes.prompt_tokenizers import CLIP_LENGTH, clip_tokenizer

WORDS = ["a", "woman", "man", "in", "room", "red", "blue", "hair"]


def pipeline(in_channels: int = 9) -> Any:
    """Four latent channels at a quarter of the side, SD 1.5's scheduler; every layer does something."""
    torch.manual_seed(0)
    tokenizer = clip_tokenizer(WORDS)
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=CLIP_LENGTH, projection_dim=16, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    ))  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8), down_block_types=("DownEncoderBlock2D",) * 3, layers_per_block=1,
        up_block_types=("UpDecoderBlock2D",) * 3, latent_channels=4, norm_num_groups=4, sample_size=64,
    )  # fmt: skip
    shared: dict[str, Any] = {
        "block_out_channels": (16, 32), "layers_per_block": 1, "cross_attention_dim": 16, "attention_head_dim": 4,
        "norm_num_groups": 4, "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    }  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=in_channels, out_channels=4, up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        **shared,
    )  # fmt: skip
    controlnet = ControlNetModel(in_channels=4, conditioning_embedding_out_channels=(4, 8, 8), **shared)
    for layer in controlnet.modules():
        if isinstance(layer, nn.Conv2d) and not layer.weight.any():
            nn.init.normal_(layer.weight, std=0.3)  # a fresh ControlNet adds nothing
    scheduler = PNDMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True)
    made = StableDiffusionControlNetInpaintPipeline(
        vae=vae.eval(), text_encoder=text.eval(), tokenizer=tokenizer, unet=unet.eval(), controlnet=controlnet.eval(),
        scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    made.set_progress_bar_config(disable=True)
    return made


def write(made: Any, pack: Path) -> None:
    """As a pack: base pipeline and ControlNet in folders of their own, as the public checkpoints come."""
    for name in ("vae", "text_encoder", "tokenizer", "unet", "scheduler"):
        getattr(made, name).save_pretrained(pack / "base" / name)
    made.controlnet.save_pretrained(pack / "pose")
    (pack / "manifest.toml").write_text("""
pack = "small"
version = 1
[parts.retoucher]
kind = "stable-diffusion"
path = "base"
licence = { spdx = "Apache-2.0" }
options = { steps = 6, guidance = 7.5, largest_side = 96 }
[parts.retoucher.adapters.pose]
path = "pose"
licence = { spdx = "Apache-2.0" }
base_model = "small"
""")
