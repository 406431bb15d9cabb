"""The two towers of an open_clip model, each to unit vectors (n, embedding)."""

from typing import Any, cast

import torch
from torch import Tensor, nn

from models.engines.graph import Body, Graph, Input, Made, Run, Tensors, named
from models.engines.shapes import Profile, Span

MOST = 64  # pictures or texts of one pass; the scorer's batch is half of it


def clip_pictures(model: Any) -> Made:
    """`image` (n, 3, side, side), preprocessed."""
    side = _pair(model.visual.image_size)

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return (cast(Any, module).encode_image(**tensors, normalize=True),)

    return _tower("scorer.pictures", model, model.visual, run, Input("image", ("batch", 3, *side)), 1)


def clip_texts(model: Any) -> Made:
    """`text` (n, context): tokens."""

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return (cast(Any, module).encode_text(**tensors, normalize=True),)

    tokens = Input("text", ("batch", model.context_length), below=model.vocab_size, dtype=torch.int64)
    return _tower("scorer.texts", model, model.transformer, run, tokens, 8)


def _tower(  # noqa: PLR0913, PLR0917 - what a graph is made of
    name: str, model: Any, region: nn.Module, run: Run, given: Input, usual: int
) -> Made:
    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(model, call)

    graph = Graph(name, Body(model, run), [given], ("features",), named(name, [given]), eager, [region])
    return graph, (Profile({"batch": Span(1, usual, MOST)}),)


def _pair(side: int | tuple[int, int]) -> tuple[int, int]:
    return (side, side) if isinstance(side, int) else side
