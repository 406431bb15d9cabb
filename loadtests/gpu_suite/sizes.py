"""The architectures as literals, full-size and tiny; nothing is read from a checkpoint."""

from dataclasses import dataclass
from typing import Any

FLUX = {
    "patch_size": 1, "in_channels": 64, "num_layers": 19, "num_single_layers": 38, "attention_head_dim": 128,
    "num_attention_heads": 24, "joint_attention_dim": 4096, "pooled_projection_dim": 768, "guidance_embeds": False,
    "axes_dims_rope": (16, 56, 56),
}  # fmt: skip
VAE = {
    "in_channels": 3, "out_channels": 3, "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4, "block_out_channels": (128, 256, 512, 512), "layers_per_block": 2,
    "latent_channels": 16, "norm_num_groups": 32, "sample_size": 1024, "scaling_factor": 0.3611,
    "shift_factor": 0.1159, "use_quant_conv": False, "use_post_quant_conv": False,
}  # fmt: skip
T5 = {
    "vocab_size": 32128, "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64,
    "feed_forward_proj": "gated-gelu", "dropout_rate": 0.0,
}  # fmt: skip
CLIP_TEXT = {
    "vocab_size": 49408, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
    "num_attention_heads": 12, "max_position_embeddings": 77, "projection_dim": 768,
}  # fmt: skip
CLIP_VISION = {
    "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16,
    "image_size": 224, "patch_size": 14, "projection_dim": 768,
}  # fmt: skip
SAM = {
    "hidden_size": 1280, "num_hidden_layers": 32, "num_attention_heads": 16, "image_size": 1024, "patch_size": 16,
    "global_attn_indexes": [7, 15, 23, 31], "window_size": 14, "mlp_dim": 5120, "output_channels": 256,
    "num_pos_feats": 128,
}  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """What is measured: configs, picture sides, batches, tokens of the text, and how much of it."""

    flux: dict[str, Any]
    vae: dict[str, Any]
    t5: dict[str, Any]
    clip_text: dict[str, Any]
    clip_vision: dict[str, Any]
    sam: dict[str, Any]
    matrix: int  # side of the ceilings' matrices
    copied: int  # bytes of the ceilings' copy
    sides: tuple[int, ...]
    batches: tuple[int, ...]
    compiled: tuple[tuple[int, int], ...]  # (side, batch) of engines that compile per shape
    tokens: int  # FLUX.1-schnell's text
    bridge_tokens: int  # FLUX.1-dev's
    steps: int
    bridge_steps: int
    pictures: int  # of an end-to-end round
    rounds: int


FULL = Sizes(
    FLUX, VAE, T5, CLIP_TEXT, CLIP_VISION, SAM, matrix=8192, copied=4 << 30, sides=(512, 768, 1024),
    batches=(1, 2, 4, 8),
    compiled=((1024, 1), (512, 1), (512, 4), (1024, 4)), tokens=256, bridge_tokens=512, steps=4, bridge_steps=28,
    pictures=10, rounds=3,
)  # fmt: skip
TINY = Sizes(
    FLUX | {"num_layers": 1, "num_single_layers": 2, "attention_head_dim": 32, "num_attention_heads": 2,
            "joint_attention_dim": 64, "pooled_projection_dim": 32, "axes_dims_rope": (8, 12, 12)},
    VAE | {"block_out_channels": (16, 16, 16, 16), "norm_num_groups": 8, "sample_size": 64},
    T5 | {"d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4, "vocab_size": 512},
    CLIP_TEXT | {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
                 "vocab_size": 512, "projection_dim": 32},
    CLIP_VISION | {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
                   "image_size": 56},
    SAM | {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 64, "mlp_dim": 64,
           "global_attn_indexes": [1], "window_size": 2, "output_channels": 16, "num_pos_feats": 8},
    matrix=256, copied=1 << 20, sides=(64,), batches=(1, 2), compiled=((64, 1),), tokens=16, bridge_tokens=32, steps=2,
    bridge_steps=3, pictures=2, rounds=1,
)  # fmt: skip
