"""Adapters merged into a FLUX transformer's weights, for engines that cannot change theirs."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import nn

from models.domain import WeightedAdapter
from models.engines.errors import EngineError
from models.engines.graph import Made
from models.engines.packs import PackModule
from models.flux.adapters import AdaptedLinear, Adapters, Checked
from models.flux.numbers import FluxNumbers


def merged(
    module: PackModule, files: Mapping[str, Checked], adapters: Sequence[WeightedAdapter], dtype: torch.dtype
) -> Made:
    """The graph with these adapters in its weights; raises EngineError for a module or names that do not have them."""
    graph, profiles = module.make(dtype)
    if not adapters:
        return graph, profiles
    if module.name != "renderer.transformer":
        raise EngineError(f"adapters act on renderer.transformer, not on {module.name}; leave --adapter out")
    loaded = Adapters(graph.body.module, files, FluxNumbers.model_validate(module.part.options), compiled=False)
    if (refusal := loaded.refusal(adapters)) is not None:
        raise EngineError(refusal.reason)
    loaded.put(adapters, [loaded.load(one.name) for one in adapters])
    fold(graph.body.module)
    return graph, profiles


def fold(module: nn.Module) -> None:
    """Every adapted map becomes a plain one with the adapters' product added to its weights."""
    for name, adapted in [(name, one) for name, one in module.named_modules() if isinstance(one, AdaptedLinear)]:
        plain = nn.Linear(1, 1, bias=adapted.bias is not None, device="meta")
        plain.in_features, plain.out_features = adapted.in_features, adapted.out_features
        added = adapted.up[:, : adapted.rank].float() @ adapted.down[: adapted.rank].float()
        weight = (adapted.weight.float() + added).to(adapted.weight.dtype)
        plain.weight = nn.Parameter(weight, requires_grad=False)
        plain.bias = cast(Any, adapted.bias)
        module.set_submodule(name, plain)
