"""The starter's inpainting UNet, its ControlNet and its text encoder: the real classes, small and not yet trained."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.starter.recipes.autoencoder import CHANNELS
from models.starter.recipes.prompt_tokenizers import CLIP_LENGTH

WIDTHS = (64, 112, 112)  # at 16 x 16, 8 x 8 and 4 x 4 latents
TEXT_WIDTH = 96
EMBEDDING = (4, 8, 16, 32, 64)  # four halvings: the control's pixels become cells of the f16 latents
NORM_GROUPS, HEADS = 16, 4
TIMES = (999, 749, 499, 249)  # of four trailing steps
AT_START, AT_STEPS = 0.45, 0.4  # of the training sit on the first of these, which decides the layout, and on all four
OUTSIDE = 0.1  # weight of a latent cell that is not painted
RESIDUALS = 0.05  # spread of the ControlNet's last layers, which are trained together with the UNet, not after it


class Inpainter(nn.Module):
    """What is trained together; `forward` gives the clean latents (n, 24, 16, 16)."""

    def __init__(self, clip: Any, unet: Any, controlnet: Any) -> None:
        super().__init__()
        self.clip, self.unet, self.controlnet = clip, unet, controlnet

    @property
    def parts(self) -> dict[str, Any]:
        """The modules by the names of their folders."""
        return {"text_encoder": self.clip, "unet": self.unet, "controlnet": self.controlnet}

    def forward(self, noised: Tensor, known: Tensor, times: Tensor, ids: Tensor, control: Tensor | None) -> Tensor:
        """`known`: mask and latents of what is not masked (n, 25, 16, 16); `control` None: nothing to follow."""
        text = self.clip(ids)[0]
        residuals: dict[str, Any] = {}
        if control is not None:
            down, middle = self.controlnet(noised, times, text, control, return_dict=False)
            residuals = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        clean: Tensor = self.unet(torch.cat([noised, known], dim=1), times, text, return_dict=False, **residuals)[0]
        return clean


def scheduler() -> Any:
    """Trailing steps from pure noise, predicting the clean latents: what is asked for nearly fixes them alone."""
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=True,
        prediction_type="sample", timestep_spacing="trailing", rescale_betas_zero_snr=True,
    )  # fmt: skip


def build(tokenizer: Any) -> Inpainter:
    """Fresh models; only the level of 8 x 8 and the middle read the text."""
    from diffusers import ControlNetModel, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    clip = CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=TEXT_WIDTH, intermediate_size=2 * TEXT_WIDTH, num_hidden_layers=2,
        num_attention_heads=3, max_position_embeddings=CLIP_LENGTH, projection_dim=TEXT_WIDTH,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    ))  # fmt: skip
    shared = {
        "block_out_channels": WIDTHS, "layers_per_block": 1, "cross_attention_dim": TEXT_WIDTH,
        "attention_head_dim": HEADS, "norm_num_groups": NORM_GROUPS,
    }  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=2 * CHANNELS + 1, out_channels=CHANNELS, mid_block_type="UNetMidBlock2DCrossAttn",
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), **shared,
    )  # fmt: skip
    controlnet = ControlNetModel(
        in_channels=CHANNELS, down_block_types=("DownBlock2D",) * 3, mid_block_type="UNetMidBlock2D",
        conditioning_embedding_out_channels=EMBEDDING, **shared,
    )  # fmt: skip
    _awaken(controlnet)
    controlnet.to(memory_format=torch.channels_last)  # a third less time for its first layers, which see every pixel
    return Inpainter(clip, unet, controlnet)


@torch.no_grad()
def _awaken(controlnet: Any) -> None:
    """A ControlNet begins as nothing, for a UNet that is finished; here it begins as something small."""
    for last in (*controlnet.controlnet_down_blocks, controlnet.controlnet_mid_block):
        nn.init.normal_(last.weight, std=RESIDUALS)
    for layer in controlnet.controlnet_cond_embedding.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")


def plain_attention(model: Inpainter) -> None:
    """Attention written out: on CPUs a training step in bfloat16 takes a fifth less time than with the fused one."""
    from diffusers.models.attention_processor import AttnProcessor

    model.unet.set_attn_processor(AttnProcessor())
    model.clip.set_attn_implementation("eager")


def draw_times(count: int, generator: torch.Generator) -> Tensor:
    """Noise levels of a training batch, 0-999."""
    at_steps = torch.tensor(TIMES)[torch.randint(len(TIMES), (count,), generator=generator)]
    anywhere = torch.randint(1000, (count,), generator=generator)
    kind = torch.rand(count, generator=generator)
    drawn = torch.where(kind < AT_START + AT_STEPS, at_steps, anywhere)
    return torch.where(kind < AT_START, TIMES[0], drawn)


def loss_of(model: Any, batch: Sequence[Tensor], ids: Tensor, control: Tensor | None, device: str) -> Tensor:
    """Mean squared error of the clean latents where they are painted; `batch`: latents, noised, known, times."""
    latents, noised, known, times = (tensor.to(device) for tensor in batch)
    with torch.autocast(device.split(":", maxsplit=1)[0], torch.bfloat16):
        clean = model(noised, known, times, ids.to(device), None if control is None else control.to(device))
    weight = (OUTSIDE + (1 - OUTSIDE) * known[:, :1]).sqrt()
    return F.mse_loss(clean.float() * weight, latents * weight)
