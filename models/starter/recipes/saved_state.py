"""A training's state in one safetensors file: its tensors as they are, everything else as JSON beside them."""

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

TREE = "state"  # the text of the file that says where each tensor belongs


def save_state(state: Any, file: Path) -> None:
    """Writes dicts, lists, numbers, texts and tensors at any depth; a kill leaves the old file or the new one."""
    tensors: dict[str, Tensor] = {}
    tree = json.dumps(_packed(state, tensors))
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    save_file(tensors, partial, {TREE: tree})
    partial.replace(file)


def load_state(file: Path) -> Any:
    """What was saved, on the CPU; tuples come back as lists."""
    with safe_open(file, "pt", "cpu") as kept:
        return _unpacked(json.loads(kept.metadata()[TREE]), kept)


def _packed(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().clone().contiguous()  # tied weights share memory, which the format cannot
        return {"tensor": name}
    if isinstance(value, dict):  # optimisers count their parameters, and JSON knows texts only as keys
        return {"pairs": [[key, _packed(each, tensors)] for key, each in value.items()]}
    if isinstance(value, list | tuple):
        return [_packed(each, tensors) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a state cannot hold a {type(value).__name__}; give tensors, numbers, texts, lists and dicts")


def _unpacked(tree: Any, kept: Any) -> Any:
    if isinstance(tree, list):
        return [_unpacked(each, kept) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if "tensor" in tree:
        return kept.get_tensor(tree["tensor"])
    return {key: _unpacked(each, kept) for key, each in tree["pairs"]}
