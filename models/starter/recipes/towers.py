"""The scorer's two towers: their form, what a training of them starts from, and the folder that open_clip loads."""

import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from models.starter.recipes.contrast import CONTEXT
from models.starter.recipes.prompt_tokenizers import clip_tokenizer, prompt_words
from models.starter.recipes.start import begin_with

LOOKED_AT = 192  # pixels of the picture tower's input; at 160 a notch under a neck is 30 of them
WIDTH = 128  # of the embedding
MEAN, SPREAD = 0.5, 0.5  # of the channels, as the pictures are normalised
VISION = {"image_size": LOOKED_AT, "layers": [1, 2, 2, 1], "width": 16, "head_width": 32}
WORDS = ("a", "an", "with", "and", "motif")
WEIGHTS = "open_clip_model.safetensors"
PLACES = "visual.attnpool.positional_embedding"  # (1 + cells, channels): the mean's, then those of the map's cells


def tokenizer_of(start: Path) -> Any:
    """The pack's own, whose numbering its weights know, or a new one over the words of prompts."""
    from transformers import AutoTokenizer

    if not (start / "tokenizer_config.json").exists():
        clip_tokenizer(prompt_words(WORDS)).save_pretrained(start)
    return AutoTokenizer.from_pretrained(start, local_files_only=True)


def form(tokenizer: Any) -> dict[str, Any]:
    """The configuration as open_clip reads it."""
    text = {
        "context_length": CONTEXT, "vocab_size": len(tokenizer), "hf_tokenizer_name": "local", "width": 128, "heads": 4,
        "layers": 2, "pool_type": "eos", "eos_id": tokenizer.eos_token_id,
    }  # fmt: skip
    preprocess = {"size": LOOKED_AT, "mean": [MEAN] * 3, "std": [SPREAD] * 3, "interpolation": "bicubic"}
    return {"model_cfg": {"embed_dim": WIDTH, "vision_cfg": VISION, "text_cfg": text}, "preprocess_cfg": preprocess}


@torch.no_grad()
def begun(config: dict[str, Any], start: Path) -> Any:
    """A CLIP with the pack's weights; places learnt on pictures of another side are interpolated."""
    model = open_clip.CLIP(**config["model_cfg"])
    begin_with(model, start)
    own = model.state_dict()[PLACES]
    kept = load_file(start / WEIGHTS)[PLACES].float() if (start / WEIGHTS).exists() else own
    if kept.shape != own.shape:
        before, now = (round((len(places) - 1) ** 0.5) for places in (kept, own))
        cells = kept[1:].T.reshape(1, -1, before, before)
        cells = F.interpolate(cells, size=(now, now), mode="bilinear", align_corners=False)
        own.copy_(torch.cat([kept[:1], cells.reshape(-1, now * now).T]))
    return model


def write(model: Any, config: dict[str, Any], folder: Path) -> None:
    """The folder that `local-dir:` loads, beside its tokenizer; weights in 16 bit."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: tensor.detach().cpu().half().contiguous() if tensor.is_floating_point() else tensor.cpu()
        for name, tensor in model.state_dict().items()
    }
    save_file(state, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")


def normalised(pictures: Tensor) -> Tensor:
    """0-1 to what the picture tower takes."""
    return (pictures - MEAN) / SPREAD
