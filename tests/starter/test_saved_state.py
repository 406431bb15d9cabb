"""A training that was stopped goes on exactly where it was, from a file that can hold no code."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from models.starter.recipes.muon import Average, Together
from models.starter.recipes.saved_state import load_state, save_state
from models.starter.recipes.schedule import Clock

BATCHES = torch.randn(40, 8, 6, generator=torch.Generator().manual_seed(0))


def trained(steps: list[int], work: Path) -> dict[str, torch.Tensor]:
    """Weights after a training in several runs; each one up to so many steps."""
    for most in steps:
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 6))
        average, optimiser = Average(model), Together(model)
        clock = Clock("test", most, None, log_every=1000)
        clock.resume(work / "state.safetensors", model=model, optimiser=optimiser, average=average)
        for batch in clock.ticking(BATCHES[clock.step :]):
            (model(batch) - batch).square().mean().backward()
            optimiser.step(0.5)
            average.update(clock.step)
        clock.save()
    return {**model.state_dict(), **{f"average {name}": weight for name, weight in average.weights.items()}}


def test_a_stopped_training_ends_with_the_weights_of_one_that_was_not(tmp_path: Path) -> None:
    whole, stopped = trained([30], tmp_path / "whole"), trained([11, 23, 30], tmp_path / "stopped")
    different = [name for name in whole if not torch.equal(whole[name], stopped[name])]
    assert not different, different


def test_a_state_comes_back_with_its_types_and_keys(tmp_path: Path) -> None:
    tied = torch.arange(6, dtype=torch.bfloat16)
    state = {
        0: {"step": torch.tensor(3.0), "betas": [0.9, 0.98]},
        "tied": [tied, tied.view(2, 3)],
        "none": None,
        "on": True,
    }
    save_state(state, tmp_path / "state.safetensors")
    found: Any = load_state(tmp_path / "state.safetensors")
    assert (found[0]["step"].item(), found[0]["betas"], found["none"], found["on"]) == (3.0, [0.9, 0.98], None, True)
    assert torch.equal(found["tied"][0], tied)
    assert found["tied"][1].shape == (2, 3)
    with pytest.raises(TypeError, match="cannot hold a function"):
        save_state({"hook": trained}, tmp_path / "state.safetensors")
