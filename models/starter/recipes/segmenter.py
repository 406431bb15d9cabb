"""Trains the segmenter: a small SamModel on drawings, cluttered scenes and real cut-outs over photographs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from models.starter.drawing import Garment
from models.starter.recipes.degradation import Degradation, as_tensor
from models.starter.recipes.gallery import SIDE, Gallery
from models.starter.recipes.scenes import Pixels, Scene, clutter, files, placed, read_cutout, read_photo
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.scorer import training_gallery
from models.starter.recipes.start import begin_with
from models.starter.train import TrainOptions
from models.vocabulary import vocabulary

MINUTES = 20.0  # of process time; the figures of the card
BATCH = 16
RATE = 1.2e-3
PATCH = 8  # pixels; masks come at a quarter of the patch grid's pixels, 64 x 64
SHARES = {"plain": 0.4, "cluttered": 0.42, "photographed": 0.18}
HARD = 3.0  # how much oftener garments near white or black are drawn
CAMOUFLAGE = 0.25  # of the cluttered scenes: the background is near the garment's own colour
PROMPTS = {"frame and centre": 0.6, "box": 0.15, "point": 0.15, "box and point": 0.1}
VISION = {
    "hidden_size": 96, "num_hidden_layers": 4, "num_attention_heads": 4, "mlp_ratio": 4.0, "image_size": SIDE,
    "patch_size": PATCH, "window_size": 8, "global_attn_indexes": [1, 3], "output_channels": 64, "num_pos_feats": 32,
    "initializer_range": 0.02,
}  # fmt: skip
PROMPT = {"hidden_size": 64, "image_size": SIDE, "patch_size": PATCH}
DECODER = {
    "hidden_size": 64, "mlp_dim": 192, "num_hidden_layers": 2, "num_attention_heads": 4, "iou_head_hidden_dim": 64,
}  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """What scenes are made of; `weights`: how often each drawing is taken."""

    drawings: Gallery
    weights: NDArray[np.float64]
    cutouts: list[Scene]
    photos: list[Pixels]


def train(options: TrainOptions) -> None:
    """Writes `segmenter/` of the pack: config, fp16 weights, processor config."""
    from transformers import SamConfig, SamModel

    sources = read_sources(options)
    model = SamModel(SamConfig(vision_config=VISION, prompt_encoder_config=PROMPT, mask_decoder_config=DECODER))
    model = model.to(options.device).train()
    begin_with(model, options.out / "segmenter")
    clock = Clock("segmenter", options.steps, options.minutes or MINUTES)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02)
    clock.resume(options.work / "segmenter" / "state.safetensors", model=model, optimiser=optimiser)
    degrade = Degradation(sources.drawings.pictures[:500], options.seed + clock.step, move=False)
    rng = np.random.default_rng((options.seed, clock.step))
    for scenes in clock.ticking(_batches(sources, rng)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * cosine(clock.done)
        pictures = degrade(as_tensor(np.stack([scene.picture for scene in scenes])))
        masks = torch.from_numpy(np.stack([scene.mask for scene in scenes])).float().div(255.0).to(options.device)
        prompts = {name: tensor.to(options.device) for name, tensor in _prompts(scenes, rng).items()}
        output = model(pixel_values=((pictures - 0.5) / 0.5).to(options.device), multimask_output=True, **prompts)
        loss = _loss(output.pred_masks[:, 0], output.iou_scores[:, 0], masks)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        clock.report(loss.item())
    clock.save()
    write(model, options.out / "segmenter")


def read_sources(options: TrainOptions) -> Sources:
    """Drawings, and real pictures where the data folder has them."""
    drawings = training_gallery(options.work / "gallery", options.seed)
    cutouts = [scene for file in files(options.data, "cutouts", False) if (scene := read_cutout(file, SIDE))]
    photos = [read_photo(file, SIDE) for file in files(options.data, "photos", False)]
    print(f"segmenter: {len(drawings.garments)} drawings, {len(cutouts)} cut-outs, {len(photos)} photos", flush=True)
    weights = np.array([_weight(garment) for garment in drawings.garments])
    return Sources(drawings, weights / weights.sum(), cutouts, photos)


def write(model: Any, folder: Path) -> None:
    """The folder that `from_pretrained` loads."""
    from transformers import SamImageProcessor

    # A copy: the training may go on in float32.
    halved = type(model)(model.config)
    halved.load_state_dict(model.state_dict())
    halved.half().save_pretrained(folder)
    quarter = SIDE // PATCH * 4
    images = SamImageProcessor(
        size={"longest_edge": SIDE}, pad_size={"height": SIDE, "width": SIDE}, mask_size={"longest_edge": quarter},
        mask_pad_size={"height": quarter, "width": quarter}, image_mean=[0.5] * 3, image_std=[0.5] * 3,
    )  # fmt: skip
    images.save_pretrained(folder)


def _weight(garment: Garment) -> float:
    red, green, blue = vocabulary().rgb(garment.base)
    brightness = 0.299 * red + 0.587 * green + 0.114 * blue
    return HARD if brightness > 215 or brightness < 45 else 1.0


def _batches(sources: Sources, rng: np.random.Generator) -> Iterator[list[Scene]]:
    kinds, shares = list(SHARES), np.array(list(SHARES.values()))
    if not sources.cutouts:
        kinds, shares = kinds[:2], shares[:2] / shares[:2].sum()
    while True:
        yield [_scene(sources, str(kind), rng) for kind in rng.choice(kinds, size=BATCH, p=shares)]


def _scene(sources: Sources, kind: str, rng: np.random.Generator) -> Scene:
    row = int(rng.choice(len(sources.weights), p=sources.weights))
    drawn = Scene(sources.drawings.pictures[row], sources.drawings.masks[row])
    if kind == "plain":
        return Scene(drawn.picture[:, ::-1], drawn.mask[:, ::-1]) if rng.random() < 0.5 else drawn
    real = kind == "photographed"
    garment = sources.cutouts[int(rng.integers(len(sources.cutouts)))] if real else drawn
    if sources.photos and rng.random() < (0.8 if real else 0.2):
        return placed(garment, _photo(sources.photos, rng), rng)
    near = None
    if rng.random() < CAMOUFLAGE:
        near = garment.picture[garment.mask > 127].mean(axis=0)
    return placed(garment, clutter(sources.drawings.pictures, near, SIDE, rng), rng)


def _photo(photos: list[Pixels], rng: np.random.Generator) -> Pixels:
    """Some photograph, flipped, turned by quarters, its light changed."""
    photo = np.rot90(photos[int(rng.integers(len(photos)))], int(rng.integers(4)))
    return np.asarray(np.clip(photo * rng.uniform(0.7, 1.25), 0, 255), np.uint8)


def _prompts(scenes: list[Scene], rng: np.random.Generator) -> dict[str, Tensor]:
    """One kind of prompt for the batch, in pixels of the model's input."""
    kind = str(rng.choice(list(PROMPTS), p=list(PROMPTS.values())))
    count = len(scenes)
    boxes = np.tile(np.array([0.0, 0.0, SIDE, SIDE]), (count, 1))
    points = np.full((count, 2), SIDE / 2)
    if kind != "frame and centre":
        boxes = np.stack([_box(scene.mask, rng) for scene in scenes])
        points = np.stack([_point(scene.mask, rng) for scene in scenes])
    prompts: dict[str, Tensor] = {}
    if kind != "point":
        prompts["input_boxes"] = torch.from_numpy(boxes).float()[:, None]
    if kind != "box":
        prompts["input_points"] = torch.from_numpy(points).float()[:, None, None]
        prompts["input_labels"] = torch.ones(count, 1, 1, dtype=torch.long)
    return prompts


def _box(mask: Pixels, rng: np.random.Generator) -> NDArray[np.float64]:
    rows, columns = np.flatnonzero((mask > 127).any(axis=1)), np.flatnonzero((mask > 127).any(axis=0))
    if not len(rows):
        return np.array([0.0, 0.0, SIDE, SIDE])
    tight = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return np.clip(tight + rng.normal(0, 3, 4), 0, SIDE)


def _point(mask: Pixels, rng: np.random.Generator) -> NDArray[np.float64]:
    inside = np.argwhere(mask > 200)
    return inside[int(rng.integers(len(inside)))][::-1] + 0.5 if len(inside) else np.full(2, SIDE / 2)


def _loss(logits: Tensor, estimates: Tensor, masks: Tensor) -> Tensor:
    """The best proposal's loss with a little of every proposal's, and the error of the estimated IoU.

    Shapes: logits (n, 3, 64, 64), estimates (n, 3), masks (n, 128, 128) in 0-1.
    """
    fine = F.interpolate(logits, size=masks.shape[-2:], mode="bilinear", align_corners=False)
    target = masks[:, None].expand_as(fine)
    entropy = F.binary_cross_entropy_with_logits(fine, target, reduction="none").mean(dim=(2, 3))
    covered = torch.sigmoid(fine)
    overlap = (covered * target).sum(dim=(2, 3))
    dice = 1 - (2 * overlap + 1) / (covered.sum(dim=(2, 3)) + target.sum(dim=(2, 3)) + 1)
    each = 2 * entropy + dice
    with torch.no_grad():
        inside, right = fine > 0, target > 0.5
        iou = (inside & right).sum(dim=(2, 3)) / (inside | right).sum(dim=(2, 3)).clamp(min=1)
    return each.min(dim=1).values.mean() + 0.3 * each.mean() + 0.2 * F.mse_loss(estimates, iou)
