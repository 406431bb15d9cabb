"""The starter's FLUX transformer with its two text encoders: flow matching on packed latents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.starter.recipes.autoencoder import CHANNELS
from models.starter.recipes.prompt_tokenizers import CLIP_LENGTH

WIDTH, HEADS = 192, 6  # 32 numbers per head
DOUBLE, SINGLE = 2, 5
CLIP_WIDTH, T5_WIDTH = 96, 192
# Most of the training sits on the four sampling sigmas, a little on those of eight steps, the rest everywhere.
FOUR, EIGHT = (1.0, 0.75, 0.5, 0.25), (0.875, 0.625, 0.375, 0.125)
FOUR_SHARE, EIGHT_SHARE = 0.65, 0.1


class TextAndDenoiser(nn.Module):
    """What is trained together; `forward` gives the velocity of packed latents (n, tokens, 4 * channels)."""

    def __init__(self, clip: Any, t5: Any, transformer: Any) -> None:
        super().__init__()
        self.clip, self.t5, self.transformer = clip, t5, transformer

    def forward(self, latents: Tensor, sigma: Tensor, clip_ids: Tensor, t5_ids: Tensor) -> Tensor:
        pooled = self.clip(clip_ids).pooler_output
        sequence = self.t5(t5_ids)[0]
        text_places = torch.zeros(t5_ids.shape[1], 3, device=latents.device)
        velocity: Tensor = self.transformer(
            hidden_states=latents, timestep=sigma, pooled_projections=pooled, encoder_hidden_states=sequence,
            txt_ids=text_places, img_ids=image_places(latents.shape[1], latents.device), return_dict=False,
        )[0]  # fmt: skip
        return velocity


def image_places(tokens: int, device: torch.device) -> Tensor:
    """Row and column of each token of a square picture, as `FluxPipeline` numbers them: (tokens, 3)."""
    side = int(tokens**0.5)
    index = torch.arange(tokens, device=device)
    return torch.stack([torch.zeros_like(index), index // side, index % side], dim=1).float()


def build(clip_tokenizer: Any, t5_tokenizer: Any) -> TextAndDenoiser:
    """Fresh models of the real classes; the velocity starts at zero and every block as the identity."""
    from diffusers import FluxTransformer2DModel
    from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

    clip = CLIPTextModel(CLIPTextConfig(
        vocab_size=len(clip_tokenizer), hidden_size=CLIP_WIDTH, intermediate_size=2 * CLIP_WIDTH, num_hidden_layers=2,
        num_attention_heads=3, max_position_embeddings=CLIP_LENGTH, projection_dim=CLIP_WIDTH,
        bos_token_id=clip_tokenizer.bos_token_id, eos_token_id=clip_tokenizer.eos_token_id,
        pad_token_id=clip_tokenizer.pad_token_id,
    ))  # fmt: skip
    t5 = T5EncoderModel(T5Config(
        vocab_size=len(t5_tokenizer), d_model=T5_WIDTH, d_kv=32, d_ff=2 * T5_WIDTH, num_layers=2, num_heads=6,
        relative_attention_num_buckets=16, relative_attention_max_distance=32, feed_forward_proj="gated-gelu",
        dropout_rate=0.0, pad_token_id=0, eos_token_id=1,
    ))  # fmt: skip
    transformer = FluxTransformer2DModel(
        patch_size=1, in_channels=4 * CHANNELS, num_layers=DOUBLE, num_single_layers=SINGLE,
        attention_head_dim=WIDTH // HEADS, num_attention_heads=HEADS, joint_attention_dim=T5_WIDTH,
        pooled_projection_dim=CLIP_WIDTH, guidance_embeds=False, axes_dims_rope=(8, 12, 12),
    )  # fmt: skip
    for name, module in transformer.named_modules():
        if isinstance(module, nn.Linear) and (name.startswith("norm_out") or ".norm" in name or name == "proj_out"):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
    return TextAndDenoiser(clip, t5, transformer)


def pack(latents: Tensor) -> Tensor:
    """(n, channels, height, width) to FLUX's tokens (n, height * width / 4, 4 * channels)."""
    count, channels, height, width = latents.shape
    blocks = latents.view(count, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
    return blocks.reshape(count, height * width // 4, 4 * channels)


def draw_sigmas(count: int, generator: torch.Generator) -> Tensor:
    """Noise levels of a training batch."""
    everywhere = torch.sigmoid(torch.randn(count, generator=generator))
    four = torch.tensor(FOUR)[torch.randint(4, (count,), generator=generator)]
    eight = torch.tensor(EIGHT)[torch.randint(4, (count,), generator=generator)]
    kind = torch.rand(count, generator=generator)
    return torch.where(kind < FOUR_SHARE, four, torch.where(kind < FOUR_SHARE + EIGHT_SHARE, eight, everywhere))


@dataclass(frozen=True)
class FlowBatch:
    """Noised tokens, their sigma, and the velocity noise - data that they were made with."""

    noised: Tensor
    sigma: Tensor
    velocity: Tensor

    @classmethod
    def of(cls, latents: Tensor, generator: torch.Generator) -> "FlowBatch":
        data = pack(latents)
        noise = torch.randn(data.shape, generator=generator)
        sigma = draw_sigmas(len(data), generator)
        level = sigma[:, None, None]
        return cls((1 - level) * data + level * noise, sigma, noise - data)


def flow_loss(model: Callable[..., Tensor], batch: FlowBatch, clip_ids: Tensor, t5_ids: Tensor, device: str) -> Tensor:
    """Mean squared error of the velocity; matrix products in bfloat16."""
    with torch.autocast(device.split(":", maxsplit=1)[0], torch.bfloat16):
        velocity = model(batch.noised.to(device), batch.sigma.to(device), clip_ids.to(device), t5_ids.to(device))
    return F.mse_loss(velocity.float(), batch.velocity.to(device))


def exact_attention() -> None:
    """Attention in float32 under autocast: its bfloat16 backward pass is slow on CPUs."""
    import diffusers.models.transformers.transformer_flux as flux

    dispatch = flux.dispatch_attention_fn

    def in_float32(query: Tensor, key: Tensor, value: Tensor, **options: Any) -> Tensor:
        with torch.autocast(query.device.type, enabled=False):
            result: Tensor = dispatch(query.float(), key.float(), value.float(), **options)
        return result

    flux.dispatch_attention_fn = in_float32
