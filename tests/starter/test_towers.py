"""The scorer's towers: what a training takes over from the pack, and what its last lesson leaves alone."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from models.checkpoint import STARTER_PACK
from models.starter.drawing import sample
from models.starter.recipes.gallery import Gallery
from models.starter.recipes.reading import read
from models.starter.recipes.towers import LOOKED_AT, PLACES, WEIGHTS, begun, form, tokenizer_of, write
from models.starter.train import parse

PACKED = STARTER_PACK / "scorer"


def towers(start: Path) -> tuple[Any, Any]:
    tokenizer = tokenizer_of(PACKED)
    return begun(form(tokenizer), start), tokenizer


def test_places_learnt_on_smaller_pictures_are_interpolated(tmp_path: Path) -> None:
    small = load_file(PACKED / WEIGHTS)
    row = torch.tensor([0.0, 1.0, 2.0, 3.0]).half()
    small[PLACES] = torch.cat([torch.full((1,), 9.0), row.repeat(4)])[:, None].half().repeat(1, small[PLACES].shape[1])
    save_file(small, tmp_path / WEIGHTS)
    places = towers(tmp_path)[0].state_dict()[PLACES][:, 0]
    cells = LOOKED_AT // 32
    assert places[0] == 9.0
    found = places[1:].view(cells, cells)
    assert torch.allclose(found[0], found[-1])
    assert (found[0].diff() >= 0).all()
    assert (found[0, 0], found[0, -1]) == (0.0, 3.0)


def test_towers_that_were_written_are_begun_with_again(tmp_path: Path) -> None:
    model, tokenizer = towers(PACKED)
    write(model, form(tokenizer), tmp_path)
    again = towers(tmp_path)[0].state_dict()
    assert all(torch.equal(tensor.half(), again[name].half()) for name, tensor in model.state_dict().items())


def test_the_last_lesson_changes_the_text_tower_alone(tmp_path: Path) -> None:
    model, tokenizer = towers(PACKED)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (8, LOOKED_AT, LOOKED_AT, 3), dtype=np.uint8)
    drawn = Gallery([sample(rng) for _ in range(8)], pictures, pictures[..., 0])
    read(model, tokenizer, [drawn], parse(["scorer", "--work", str(tmp_path), "--steps", "2"]), steps=0)
    changed = {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed
    assert not [name for name in changed if name.startswith("visual.")]
