"""The scorer: open_clip's ResNet and text towers, contrastive and by the verdict's questions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from models.starter.drawing import Garment
from models.starter.recipes.contrast import CONTEXT, contrast
from models.starter.recipes.corpus import restyled, seen
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.gallery import SIDE, Gallery, gallery
from models.starter.recipes.prompt_tokenizers import clip_tokenizer, prompt_words
from models.starter.recipes.questions import KEPT, LOOKED_AT, Answers, labels
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.recipes.variety import varied
from models.starter.train import TrainOptions

MINUTES = 6.0  # of process time; the figures of the card
LISTED, ODD = 48, 24  # of a batch: garments with captions, and varied ones that are only asked about
CAPTIONED = 1  # every nth batch; 2 while the questions are new: to read the captions takes as long as to look
DRAWINGS = 7_500
SKETCHES = 250  # adapters draw in pencil too
VARIED = 12_000
RATE = 4e-4  # 1.2e-3 where the tower has more to learn than to balance
WIDTH = 128  # of the embedding
MEAN, SPREAD = 0.5, 0.5  # of the channels, as the pictures are normalised
VISION = {"image_size": LOOKED_AT, "layers": [1, 2, 2, 1], "width": 16, "head_width": 32}
WORDS = ("a", "an", "with", "and", "motif")


@dataclass(frozen=True)
class Lesson:
    """What a batch costs: the towers, the answers' vectors, and two ways to spoil pictures, with and without moving."""

    model: Any
    answers: Answers
    tokenizer: Any
    spoilt: tuple[Degradation, Degradation]
    rng: np.random.Generator
    device: torch.device

    def loss(self, step: int, garments: list[Garment], pictures: NDArray[np.uint8]) -> Tensor:
        """The questions about all pictures; in every `CAPTIONED`th batch also the captions of the listed ones."""
        turn, uncaptioned = divmod(step, CAPTIONED)
        inputs = _normalised(self.spoilt[turn % 2](as_tensor(pictures)))
        with torch.autocast(self.device.type, torch.bfloat16):
            features = self.model.encode_image(inputs.to(self.device, memory_format=torch.channels_last))
        looks = F.normalize(features.float(), dim=-1)
        asked: Tensor = self.answers(looks, labels(garments).to(self.device))
        if uncaptioned:
            return asked
        return asked + contrast(self.model, looks[:LISTED], garments[:LISTED], self.rng, self.tokenizer)


def train(options: TrainOptions) -> None:
    """Writes `scorer/` of the pack: config, fp16 weights, tokenizer files."""
    start, folder = options.out / "scorer", options.work / "gallery" / "scorer"
    tokenizer = _tokenizer(start)
    config = _config(len(tokenizer), tokenizer.eos_token_id)
    model = open_clip.CLIP(**config["model_cfg"]).to(options.device)
    begin_with(model, start)
    model.visual.to(memory_format=torch.channels_last)
    answers = Answers(WIDTH, start).to(options.device)
    listed = training_gallery(folder, options.seed, LOOKED_AT)
    odd = gallery(folder / "varied", varied, options.seed + 106, VARIED, LOOKED_AT)
    clock = Clock("scorer", options.steps, options.minutes or MINUTES)
    optimiser = torch.optim.AdamW(_groups(torch.nn.ModuleList([model, answers])), lr=RATE, betas=(0.9, 0.98))
    clock.resume(options.work / "scorer" / "state.safetensors", model=model, answers=answers, optimiser=optimiser)
    seed, rng = options.seed + clock.step, np.random.default_rng((options.seed, clock.step))
    moved, still = (Degradation(listed.pictures[:500], seed, move=move, kept=KEPT) for move in (True, False))
    lesson = Lesson(model.train(), answers, tokenizer, (moved, still), rng, torch.device(options.device))
    for garments, pictures in clock.ticking(_batches(listed, odd, rng)):
        loss = lesson.loss(clock.step, garments, pictures)
        _step(optimiser, loss, model, RATE * cosine(clock.done))
        clock.report(loss.item())
    clock.save()
    write(model, config, start)


def _step(optimiser: torch.optim.Optimizer, loss: Tensor, model: Any, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, 4.0)  # e^4 = 55: beyond it a captioned tenth of a cosine decides everything


def _tokenizer(start: Path) -> Any:
    """The pack's own, whose numbering its weights know, or a new one over the words of prompts."""
    from transformers import AutoTokenizer

    if not (start / "tokenizer_config.json").exists():
        clip_tokenizer(prompt_words(WORDS)).save_pretrained(start)
    return AutoTokenizer.from_pretrained(start, local_files_only=True)


def training_gallery(folder: Path, seed: int, side: int = SIDE) -> Gallery:
    """Drawings of the training combinations, some of them sketches."""
    photos = gallery(folder / "seen", seen, seed + 101, DRAWINGS, side)
    sketches = gallery(folder / "sketched", restyled(seen, style="sketch"), seed + 102, SKETCHES, side)
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
    preprocess = {"size": LOOKED_AT, "mean": [MEAN] * 3, "std": [SPREAD] * 3, "interpolation": "bicubic"}
    return {"model_cfg": {"embed_dim": WIDTH, "vision_cfg": VISION, "text_cfg": text}, "preprocess_cfg": preprocess}


def _groups(model: torch.nn.Module) -> list[dict[str, Any]]:
    named = list(model.named_parameters())
    return [
        {"params": [p for _, p in named if p.ndim >= 2], "weight_decay": 0.05},
        {"params": [p for _, p in named if p.ndim < 2], "weight_decay": 0.0},
    ]


def _batches(
    listed: Gallery, odd: Gallery, rng: np.random.Generator
) -> Iterator[tuple[list[Garment], NDArray[np.uint8]]]:
    while True:
        parts = [(part, rng.integers(len(part.garments), size=size)) for part, size in ((listed, LISTED), (odd, ODD))]
        garments = [part.garments[row] for part, rows in parts for row in rows]
        yield garments, np.concatenate([part.pictures[rows] for part, rows in parts])


def _normalised(pictures: Tensor) -> Tensor:
    return (pictures - MEAN) / SPREAD
