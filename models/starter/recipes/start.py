"""What a new training starts from: the pack's own weights, where names and shapes still fit."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn


@torch.no_grad()
def begin_with(module: nn.Module, folder: Path) -> None:
    """Copies weights from the safetensors of `folder`, if it has any; what has no counterpart stays as it is."""
    own = module.state_dict()
    kept = {name: tensor for file in sorted(folder.glob("*.safetensors")) for name, tensor in load_file(file).items()}
    fitting = [name for name, tensor in kept.items() if name in own and own[name].shape == tensor.shape]
    for name in fitting:
        own[name].copy_(kept[name])
    if kept:
        print(f"{folder.name}: {len(fitting)} of {len(own)} tensors taken over", flush=True)
