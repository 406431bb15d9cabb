"""The scorer's contrastive loss: the batch's other captions, and captions wrong about one attribute."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.starter.captions import generation_caption, scoring_caption
from models.starter.drawing import Garment
from models.starter.recipes.negatives import Attribute, a_rival, wrong

CONTEXT = 64  # tokens; the longest generation caption has about 50
SCORING_SHARE = 0.85  # of the batches; the rest are worded as for the renderer
DETAIL = 1.5  # weight of the captions wrong about one attribute beside the batch's other captions
# How often a garment's caption is set beside one that is wrong about it; the verdict's questions leave out colours.
ASKED: tuple[tuple[Attribute, float], ...] = (
    ("type", 0.5), ("colour", 1.0), ("colour", 1.0), ("pattern", 0.5), ("sleeve", 0.3), ("neckline", 0.4),
    ("second", 1.0),
)  # fmt: skip


def contrast(model: Any, looked: Tensor, garments: list[Garment], rng: np.random.Generator, tokenizer: Any) -> Tensor:
    """Contrast among the batch and among each picture's own wrong captions; looked: unit vectors (n, embedding)."""
    captions, owners = _captions(garments, rng)
    count = len(garments)
    read = F.normalize(_read(model, captions, tokenizer, looked.device), dim=-1)
    scale = model.logit_scale.exp()
    across = scale * looked @ read[:count].T
    same = _same(garments).to(looked.device)
    targets = torch.arange(count, device=looked.device)
    masked = across.masked_fill(same, -torch.inf)
    apart = (F.cross_entropy(masked, targets) + F.cross_entropy(masked.T, targets)) / 2
    rows = torch.tensor(owners, device=looked.device)
    margin = scale * ((read[count:] - read[rows]) * looked[rows]).sum(-1)
    total: Tensor = apart + DETAIL * _among(margin, rows, count)
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
