"""The matrix that stands for the shipped encoder."""

import numpy as np
import torch
from diffusers import AutoencoderKL

from models.checkpoint import STARTER_PACK
from models.starter.recipes.corpus import seen, to_tensor
from models.starter.recipes.figures import drawings
from models.starter.recipes.latent_map import LatentMap


@torch.inference_mode()
def test_it_gives_the_latents_of_the_encoder() -> None:
    vae = AutoencoderKL.from_pretrained(STARTER_PACK / "renderer" / "vae", torch_dtype=torch.float32)
    pictures = to_tensor(np.stack([drawing.picture.pixels for _, drawing in drawings(seen, 3, 2)]))
    right = vae.encode(pictures).latent_dist.mode()
    assert (LatentMap.of(vae).encode(pictures) - right).abs().max() < 0.01 * right.std()
