"""Trains the reader: a small recogniser of PP-OCR's classes on lettering set on drawings; where lines lie is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.starter.recipes.corpus import seen
from models.starter.recipes.gallery import DRAWN, gallery
from models.starter.recipes.lettering import CHARACTERS, Line, lines
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.train import TrainOptions

MINUTES = 12.5  # of process time; the figures of the card
DRAWINGS = 1_000
BATCH = 32
SHORTCUT_NOISE = 0.1  # so that no two channels begin alike
REUSED = 3  # times that a line is seen: to set and to cut it takes as long as to learn from it once
RATE = 3e-3
HEIGHT = 18  # pixels of a line as the network sees it: small lettering of a picture of 256 is not much lower
WIDTH = 72  # pixels that a short line is padded to
WIDEST = 288  # pixels; a longer line is narrowed
STEP = 36  # pixels by which the batches of a training differ in width
COLUMN = 2  # pixels of a column of the last map
CORE = 0.5  # of a letter's width: the columns that stand for it at first, blanks between them
STEM, MIDDLE, WIDE = 32, 64, 96  # channels
BACKBONE = {
    # Letters are narrow: height is halved three times, width only by the head, to columns of two pixels.
    "model_type": "pp_lcnet_v4", "stem_type": "large", "stem_channels": [3, STEM // 2, STEM],
    "stem_strides": [[2, 1], 1, 1, [2, 1], 1], "out_features": ["stage4"],
    "block_configs": [
        [[3, STEM, STEM, 1, False], [3, STEM, MIDDLE, [2, 1], False]],
        [[3, MIDDLE, MIDDLE, 1, False]] * 2,
        [[3, MIDDLE, WIDE, 1, False]],
        [[3, WIDE, WIDE, 1, False]] * 2,
    ],
}  # fmt: skip


NUMBERS = {letter: number for number, letter in enumerate(CHARACTERS)}


@dataclass(frozen=True)
class Said:
    """The numbers of a line's letters, and that of each column of its map; 0 is no letter."""

    letters: Tensor
    columns: Tensor


def train(options: TrainOptions) -> None:
    """Writes `reader/` of the pack: config, fp16 weights, processor config with the characters."""
    from transformers import PPOCRV6TinyRecConfig, PPOCRV6TinyRecForTextRecognition

    config = PPOCRV6TinyRecConfig(backbone_config=BACKBONE, hidden_size=64, head_out_channels=len(CHARACTERS))
    model: Any = PPOCRV6TinyRecForTextRecognition(config).train().to(memory_format=torch.channels_last)
    _enliven(model)
    begin_with(model, options.out / "reader")
    drawings = gallery(options.work / "reader" / "drawings", seen, options.seed + 201, DRAWINGS, DRAWN)
    clock = Clock("reader", options.steps, options.minutes or MINUTES)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02)
    clock.resume(options.work / "reader" / "state.safetensors", model=model, optimiser=optimiser)
    rng = np.random.default_rng((options.seed, clock.step))
    for pixels, said in clock.ticking(_batches(lines(drawings, rng), rng)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * cosine(clock.done)
        with torch.autocast("cpu", torch.bfloat16):
            chances = model(pixels.to(memory_format=torch.channels_last)).last_hidden_state
        logs = chances.float().clamp_min(1e-30).log()  # the class gives chances, not logits
        loss = (1 - clock.done) * _aligned(logs, said) + clock.done * _in_order(logs, said)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        clock.report(loss.item())
    clock.save()
    write(model, options.out / "reader")


@torch.no_grad()
def _enliven(model: nn.Module) -> None:
    """Weights of such sizes that signals keep theirs: those of a new model are so small that nothing passes a block."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if isinstance(layer, nn.Conv2d) and layer.groups > 1 and layer.bias is not None:
            # In a checkpoint it holds the block's shortcut too.
            nn.init.dirac_(layer.weight, layer.groups)
            layer.weight.add_(SHORTCUT_NOISE * torch.randn_like(layer.weight))


def processor() -> Any:
    """What brings a line to the network's height and says what its classes mean."""
    from transformers import PPOCRV6SmallRecImageProcessor

    size = {"height": HEIGHT, "width": WIDTH}
    return PPOCRV6SmallRecImageProcessor(
        size=size, pad_size=size, max_image_width=WIDEST, image_mean=[0.5] * 3, image_std=[0.5] * 3,
        character_list=list(CHARACTERS),
    )  # fmt: skip


def write(model: Any, folder: Path) -> None:
    """The folder that `from_pretrained` loads."""
    # A copy: the training may go on in float32.
    halved = type(model)(model.config)
    halved.load_state_dict(model.state_dict())
    halved.half().save_pretrained(folder)
    processor().save_pretrained(folder)


def _batches(found: Iterator[Line], rng: np.random.Generator) -> Iterator[tuple[Tensor, list[Said]]]:
    """Lines of about the same width together: (BATCH, 3, height, width), and what each says."""
    prepared, waiting = processor(), dict[int, list[tuple[Tensor, Said]]]()
    for line in found:
        pixels = prepared(line.pixels, return_tensors="pt", input_data_format="channels_last").pixel_values[0]
        seen = min(pixels.shape[-1], max(1, round(HEIGHT * line.pixels.shape[1] / line.pixels.shape[0])))
        width = -(-pixels.shape[-1] // STEP) * STEP
        group = waiting.setdefault(width, [])
        group.append((F.pad(pixels, (0, width - pixels.shape[-1])), _said(line, seen, width)))
        if len(group) < REUSED * BATCH:
            continue
        for _ in range(REUSED):
            some = [group[place] for place in rng.choice(len(group), BATCH, replace=False)]
            yield torch.stack([one for one, _ in some]), [says for _, says in some]
        group.clear()


def _said(line: Line, seen: int, width: int) -> Said:
    """`seen`: how many of `width` pixels the line takes."""
    letters = [NUMBERS[letter] for letter in line.says]
    columns = torch.zeros(width // COLUMN, dtype=torch.long)
    for letter, (start, end) in zip(letters, line.places, strict=True):
        middle, half = (start + end) / 2 * seen / COLUMN, CORE * (end - start) / 2 * seen / COLUMN
        columns[max(0, int(middle - half)) : max(int(middle), int(middle + half)) + 1] = letter
    return Said(torch.tensor(letters, dtype=torch.long), columns)


def _aligned(logs: Tensor, said: list[Said]) -> Tensor:
    """Cross entropy of each column, whose letter is known; `logs`: (lines, columns, characters)."""
    return F.nll_loss(logs.flatten(0, 1), torch.cat([one.columns for one in said]))


def _in_order(logs: Tensor, said: list[Said]) -> Tensor:
    """Connectionist temporal classification: the letters in their order, wherever they stand."""
    columns = torch.full((len(said),), logs.shape[1])
    lengths = torch.tensor([len(one.letters) for one in said])
    letters = torch.cat([one.letters for one in said])
    return F.ctc_loss(logs.transpose(0, 1), letters, columns, lengths, zero_infinity=True)
