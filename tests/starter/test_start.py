"""What a new training takes over from the pack."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from models.starter.recipes.start import begin_with


def test_weights_of_the_same_name_and_shape_are_taken_over_and_others_stay_fresh(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4))
    fresh = module[1].weight.detach().clone()
    kept = {"0.weight": torch.ones(3, 2).half(), "1.weight": torch.ones(9, 9), "2.bias": torch.ones(1)}
    save_file(kept, tmp_path / "model.safetensors")
    begin_with(module, tmp_path)
    assert (module[0].weight == 1).all()
    assert (module[1].weight == fresh).all()
    assert "1 of 4 tensors" in capsys.readouterr().out


def test_a_pack_without_the_part_changes_nothing(tmp_path: Path) -> None:
    module = nn.Linear(2, 3)
    fresh = module.weight.detach().clone()
    begin_with(module, tmp_path / "missing")
    assert (module.weight == fresh).all()
