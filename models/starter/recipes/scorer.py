"""Trains the scorer: open_clip's ResNet and text towers, contrastive, with captions wrong about one attribute."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from models.starter.captions import generation_caption, scoring_caption
from models.starter.drawing import Garment
from models.starter.recipes.corpus import restyled, seen
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.gallery import SIDE, Gallery, gallery
from models.starter.recipes.negatives import Attribute, a_rival, wrong
from models.starter.recipes.probes import Probes
from models.starter.recipes.prompt_tokenizers import clip_tokenizer, prompt_words
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.train import TrainOptions

MINUTES = 26.0  # of process time; the figures of the card
BATCH = 64
DRAWINGS = 7_500
SKETCHES = 250  # adapters draw in pencil too
CONTEXT = 64  # tokens; the longest generation caption has about 50
RATE = 1.5e-3
SCORING_SHARE = 0.85  # of the batches; the rest are worded as for the renderer
DETAIL = 1.0  # weight of the captions wrong about one attribute beside the batch's other captions
ASKED: tuple[tuple[Attribute, float], ...] = (
    ("type", 1.0), ("type", 0.5), ("colour", 1.0), ("pattern", 1.0), ("pattern", 0.5), ("sleeve", 0.5),
    ("neckline", 0.4), ("second", 0.5),
)  # fmt: skip
PROBED = 1.0  # weight of the questions about the embedding
VISION = {"image_size": SIDE, "layers": [1, 1, 1, 1], "width": 16, "head_width": 32}
WORDS = ("a", "an", "with", "and", "motif")


def train(options: TrainOptions) -> None:
    """Writes `scorer/` of the pack: config, fp16 weights, tokenizer files."""
    start = options.out / "scorer"
    tokenizer = _tokenizer(start)
    config = _config(len(tokenizer), tokenizer.eos_token_id)
    model = open_clip.CLIP(**config["model_cfg"]).to(options.device)
    begin_with(model, start)
    drawings = training_gallery(options.work / "gallery", options.seed)
    clock = Clock("scorer", options.steps, options.minutes or MINUTES)
    probes = Probes(drawings.garments, config["model_cfg"]["embed_dim"]).to(options.device)
    optimiser = torch.optim.AdamW(_groups(torch.nn.ModuleList([model, probes])), lr=RATE, betas=(0.9, 0.98))
    clock.resume(options.work / "scorer" / "state.safetensors", model=model, probes=probes, optimiser=optimiser)
    model.train()
    words = np.random.default_rng((options.seed, clock.step))
    degrade = Degradation(drawings.pictures[:500], options.seed + clock.step)
    for garments, pictures in clock.ticking(_batches(drawings, words)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * cosine(clock.done)
        inputs = _normalised(degrade(as_tensor(pictures)), config["preprocess_cfg"]).to(options.device)
        with torch.autocast(inputs.device.type, torch.bfloat16):
            features = model.encode_image(inputs)
        features = features.float()
        loss = _loss(model, features, garments, words, tokenizer) + PROBED * probes(features, garments)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, 4.0)  # e^4 = 55: beyond it a captioned tenth of a cosine decides everything
        clock.report(loss.item())
    clock.save()
    write(model, config, start)


def _tokenizer(start: Path) -> Any:
    """The pack's own, whose numbering its weights know, or a new one over the words of prompts."""
    from transformers import AutoTokenizer

    if not (start / "tokenizer_config.json").exists():
        clip_tokenizer(prompt_words(WORDS)).save_pretrained(start)
    return AutoTokenizer.from_pretrained(start, local_files_only=True)


def training_gallery(folder: Path, seed: int) -> Gallery:
    """Drawings of the training combinations, some of them sketches."""
    photos = gallery(folder / "seen", seen, seed + 101, DRAWINGS)
    sketches = gallery(folder / "sketched", restyled(seen, style="sketch"), seed + 102, SKETCHES)
    return Gallery(
        photos.garments + sketches.garments,
        np.concatenate([photos.pictures, sketches.pictures]),
        np.concatenate([photos.masks, sketches.masks]),
    )


def write(model: Any, config: dict[str, Any], folder: Path) -> None:
    """The folder that `local-dir:` loads, beside its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: tensor.detach().cpu().half().contiguous() if tensor.is_floating_point() else tensor.cpu()
        for name, tensor in model.state_dict().items()
    }
    save_file(state, folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")


def _config(words: int, end: int) -> dict[str, Any]:
    text = {
        "context_length": CONTEXT, "vocab_size": words, "hf_tokenizer_name": "local", "width": 128, "heads": 4,
        "layers": 2, "pool_type": "eos", "eos_id": end,
    }  # fmt: skip
    preprocess = {"size": SIDE, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic"}
    return {"model_cfg": {"embed_dim": 128, "vision_cfg": VISION, "text_cfg": text}, "preprocess_cfg": preprocess}


def _groups(model: torch.nn.Module) -> list[dict[str, Any]]:
    named = list(model.named_parameters())
    return [
        {"params": [p for _, p in named if p.ndim >= 2], "weight_decay": 0.05},
        {"params": [p for _, p in named if p.ndim < 2], "weight_decay": 0.0},
    ]


def _batches(drawings: Gallery, rng: np.random.Generator) -> Iterator[tuple[list[Garment], Any]]:
    while True:
        rows = rng.integers(len(drawings.garments), size=BATCH)
        yield [drawings.garments[row] for row in rows], drawings.pictures[rows]


def _normalised(pictures: Tensor, preprocess: dict[str, Any]) -> Tensor:
    mean, std = (torch.tensor(preprocess[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    return (pictures - mean) / std


def _loss(model: Any, features: Tensor, garments: list[Garment], rng: np.random.Generator, tokenizer: Any) -> Tensor:
    """Contrast among the batch and among each picture's own wrong captions; features (n, embedding), not normalised."""
    captions, owners = _captions(garments, rng)
    count = len(garments)
    looked = F.normalize(features, dim=-1)
    read = F.normalize(_read(model, captions, tokenizer, features.device), dim=-1)
    scale = model.logit_scale.exp()
    across = scale * looked @ read[:count].T
    same = _same(garments).to(features.device)
    targets = torch.arange(count, device=features.device)
    masked = across.masked_fill(same, -torch.inf)
    contrast = (F.cross_entropy(masked, targets) + F.cross_entropy(masked.T, targets)) / 2
    rows = torch.tensor(owners, device=features.device)
    margin = scale * ((read[count:] - read[rows]) * looked[rows]).sum(-1)
    total: Tensor = contrast + DETAIL * _among(margin, rows, count)
    return total


def _among(margin: Tensor, owners: Tensor, count: int) -> Tensor:
    """Cross entropy of the right caption among a picture's own wrong ones; `margin` is wrong minus right."""
    total = torch.ones(count, device=margin.device).index_add(0, owners, margin.clamp(max=30.0).exp())
    return total.log().mean()


def _captions(garments: list[Garment], rng: np.random.Generator) -> tuple[list[str], list[int]]:
    """One right caption per garment, then the wrong ones, each with the row of the garment it is wrong about."""
    right, wrongs, owners = [], [], []
    # One wording per batch: a long caption would pad all the short ones.
    caption = scoring_caption if rng.random() < SCORING_SHARE else generation_caption
    for row, garment in enumerate(garments):
        seed = int(rng.integers(2**32))
        vary = bool(rng.random() < 0.5)
        # The same generator state: a wrong caption drops the same words as the right one.
        said = caption(garment, np.random.default_rng(seed), vary)
        right.append(said)
        for attribute, chance in ASKED:
            value = a_rival(garment, attribute, rng) if rng.random() < chance else None
            if value is None:
                continue
            other = caption(wrong(garment, attribute, value), np.random.default_rng(seed), vary)
            if other != said:
                wrongs.append(other)
                owners.append(row)
    return right + wrongs, owners


def _read(model: Any, captions: list[str], tokenizer: Any, device: torch.device) -> Tensor:
    """The text tower over the batch's longest caption instead of the whole context."""
    ids = tokenizer(captions, return_tensors="pt", padding=True, truncation=True, max_length=CONTEXT).input_ids.to(
        device
    )
    length = ids.shape[1]
    with torch.autocast(device.type, torch.bfloat16):
        features = model.token_embedding(ids) + model.positional_embedding[:length]
        features = model.transformer(features, attn_mask=model.attn_mask[:length, :length])
        features = model.ln_final(features)
        ends = (ids == tokenizer.eos_token_id).int().argmax(dim=-1)
        projected: Tensor = features[torch.arange(len(ids)), ends] @ model.text_projection
    return projected.float()


def _same(garments: list[Garment]) -> Tensor:
    """Pairs whose captions fit each other's drawings: neither right nor wrong, the diagonal excepted."""
    keys = [(g.type, g.base, g.pattern, g.second) for g in garments]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    row = torch.tensor([numbers[key] for key in keys])
    return (row[:, None] == row[None, :]) & ~torch.eye(len(keys), dtype=torch.bool)
