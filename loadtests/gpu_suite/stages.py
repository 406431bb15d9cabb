"""The stages around the denoiser: text encoders, autoencoder, segmenter, scorer, file encoding."""

import functools
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image

from loadtests.gpu_suite.kept import Kept
from loadtests.gpu_suite.sizes import Sizes
from loadtests.gpu_suite.timing import milliseconds
from loadtests.gpu_suite.weights import built

PART = "stages"
PNG_LEVELS = (1, 6)  # zlib's: the fastest, and the default of most libraries
BF16 = torch.bfloat16
Call = Callable[[], Any]


def t5(config: dict[str, Any], device: torch.device) -> Any:
    from transformers import T5Config, T5EncoderModel

    return built(lambda: T5EncoderModel(T5Config(**config)), device, BF16)


def clip_text(config: dict[str, Any], device: torch.device) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel

    return built(lambda: CLIPTextModel(CLIPTextConfig(**config)), device, BF16)


def autoencoder(config: dict[str, Any], device: torch.device) -> Any:
    from diffusers import AutoencoderKL

    return built(lambda: AutoencoderKL(**config), device, BF16).to(memory_format=torch.channels_last)


def tokens(config: dict[str, Any], batch: int, length: int, device: torch.device) -> torch.Tensor:
    return torch.randint(2, config["vocab_size"] - 2, (batch, length), device=device)


def latents(config: dict[str, Any], side: int, batch: int, device: torch.device) -> torch.Tensor:
    """Of pictures of `side` pixels, as the decoder takes them."""
    factor = 2 ** (len(config["block_out_channels"]) - 1)
    drawn = torch.randn(batch, config["latent_channels"], side // factor, side // factor, device=device, dtype=BF16)
    return drawn.to(memory_format=torch.channels_last)


def photograph(side: int, seed: int = 0) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Smooth areas with a little grain (side, side, 3): random weights draw nothing that a file could be timed with."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
    return np.clip(smooth + rng.normal(0, 2, smooth.shape), 0, 255).astype(np.uint8)


def png(pixels: "np.ndarray[Any, np.dtype[np.uint8]]", level: int = 1) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG", compress_level=level)
    return written.getvalue()


def measure(kept: Kept, sizes: Sizes, device: torch.device) -> None:
    """A cell per stage and shape; each group's model is built once, and only where a cell is missing."""
    for group in (_texts, _pictures, _segmenter, _scorer):
        for name, call in group(kept, sizes, device):
            kept.measure(PART, name, functools.partial(_timed, call, device))
    for side in (sizes.sides[0], sizes.sides[-1]):
        pixels = photograph(side)
        for level in PNG_LEVELS:
            kept.measure(PART, f"png level {level}, {side} px", functools.partial(_encoded, pixels, level))


def _timed(call: Call, device: torch.device) -> dict[str, Any]:
    with torch.inference_mode():
        return milliseconds(call, device)


def _encoded(pixels: "np.ndarray[Any, np.dtype[np.uint8]]", level: int) -> dict[str, Any]:
    """Milliseconds of one core."""
    times = []
    for _ in range(5):
        began = time.process_time()
        content = png(pixels, level)
        times.append((time.process_time() - began) * 1000)
    return {"ms": sorted(times)[2], "ms_min": min(times), "ms_max": max(times), "bytes": len(content)}


def _texts(kept: Kept, sizes: Sizes, device: torch.device) -> Iterator[tuple[str, Call]]:
    lengths, batches = (sizes.tokens, sizes.bridge_tokens), (1, 4)
    names = [f"t5, {length} tokens, batch {batch}" for length in lengths for batch in batches]
    if kept.missing(PART, names):
        model = t5(sizes.t5, device)
        for length in lengths:
            for batch in batches:
                given = tokens(sizes.t5, batch, length, device)
                yield f"t5, {length} tokens, batch {batch}", functools.partial(model, given)
    if kept.missing(PART, ["clip text, batch 1", "clip text, batch 4"]):
        model = clip_text(sizes.clip_text, device)
        for batch in batches:
            yield f"clip text, batch {batch}", functools.partial(model, tokens(sizes.clip_text, batch, 77, device))


def _pictures(kept: Kept, sizes: Sizes, device: torch.device) -> Iterator[tuple[str, Call]]:
    shapes = {f"vae decode, {side} px, batch {batch}": (side, batch) for side in sizes.sides for batch in (1, 4)}
    if kept.missing(PART, list(shapes)):
        model = autoencoder(sizes.vae, device)
        for name, (side, batch) in shapes.items():
            yield name, functools.partial(model.decode, latents(sizes.vae, side, batch, device))


def _segmenter(kept: Kept, sizes: Sizes, device: torch.device) -> Iterator[tuple[str, Call]]:
    from transformers import SamVisionConfig, SamVisionModel

    names = {f"sam encoder, batch {batch}": batch for batch in (1, 4)}
    if kept.missing(PART, list(names)):
        model = built(lambda: SamVisionModel(SamVisionConfig(**sizes.sam)), device, BF16)
        for name, batch in names.items():
            yield name, functools.partial(model, _image(batch, sizes.sam["image_size"], device))


def _scorer(kept: Kept, sizes: Sizes, device: torch.device) -> Iterator[tuple[str, Call]]:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    names = {f"clip picture, batch {batch}": batch for batch in (1, 32)}
    if kept.missing(PART, list(names)):
        model = built(lambda: CLIPVisionModelWithProjection(CLIPVisionConfig(**sizes.clip_vision)), device, BF16)
        for name, batch in names.items():
            yield name, functools.partial(model, _image(batch, sizes.clip_vision["image_size"], device))


def _image(batch: int, side: int, device: torch.device) -> torch.Tensor:
    return torch.randn(batch, 3, side, side, device=device, dtype=BF16)
