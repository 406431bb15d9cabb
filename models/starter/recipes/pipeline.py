"""From trained modules to a `FluxPipeline` and its folder, and small grids of pictures to look at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from models.starter.recipes.denoiser import TextAndDenoiser


def assemble(vae: Any, model: TextAndDenoiser, clip_tokenizer: Any, t5_tokenizer: Any) -> Any:
    """A `FluxPipeline` of these modules; sampled like schnell, without shift and without guidance."""
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline

    scheduler = FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=False)
    return FluxPipeline(
        scheduler=scheduler, vae=vae, text_encoder=model.clip, tokenizer=clip_tokenizer, text_encoder_2=model.t5,
        tokenizer_2=t5_tokenizer, transformer=model.transformer,
    )  # fmt: skip


def export(pipeline: Any, folder: Path) -> None:
    """Writes the pipeline as float16 safetensors; the modules in memory keep their precision.

    The written decoder stays in float32: its lifts of 16 cancel, and half precision would leave twelve levels of 255.
    """
    import copy

    modules = {
        name: copy.deepcopy(module).half()
        for name, module in pipeline.components.items()
        if isinstance(module, torch.nn.Module)
    }
    modules["vae"].decoder = copy.deepcopy(pipeline.vae.decoder)
    others = {name: part for name, part in pipeline.components.items() if name not in modules}
    type(pipeline)(
        **modules, **{name: part for name, part in others.items() if name in ("scheduler", "tokenizer", "tokenizer_2")}
    ).save_pretrained(folder, safe_serialization=True)


@torch.inference_mode()
def photograph(
    pipeline: Any, prompts: Sequence[str], steps: int, length: int, seed: int = 0
) -> list[NDArray[np.uint8]]:
    """One picture per prompt, uint8 (256, 256, 3), each from its own generator."""
    generators = [torch.Generator().manual_seed(seed + index) for index in range(len(prompts))]
    pipeline.set_progress_bar_config(disable=True)
    images = pipeline(
        list(prompts), height=256, width=256, num_inference_steps=steps, guidance_scale=0.0, max_sequence_length=length,
        generator=generators, output_type="np",
    ).images  # fmt: skip
    return [np.rint(image * 255).astype(np.uint8) for image in images]


def sheet(pictures: Sequence[NDArray[np.uint8]], columns: int, file: Path) -> None:
    """Pictures of one size as a grid."""
    rows = [
        np.concatenate(pictures[start : start + columns], axis=1)
        for start in range(0, len(pictures) - columns + 1, columns)
    ]
    Image.fromarray(np.concatenate(rows, axis=0)).save(file)
