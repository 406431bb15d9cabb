"""The two towers of an open_clip model, each to unit vectors (n, embedding)."""

from typing import Any, cast

from torch import Tensor, nn

from models.engines.graph import Body, Graph, Input, Run, Tensors, named
from models.engines.shapes import Profile, Span

MOST = 64  # pictures or texts of one pass; the scorer's batch is half of it


def clip_pictures(model: Any) -> Graph:
    """`image` (n, 3, side, side), preprocessed."""
    side = _pair(model.visual.image_size)

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return (cast(Any, module).encode_image(**tensors, normalize=True),)

    return _tower("scorer.pictures", model, model.visual, run, Input("image", ("batch", 3, *side)))


def clip_texts(model: Any) -> Graph:
    """`text` (n, context): tokens."""

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return (cast(Any, module).encode_text(**tensors, normalize=True),)

    tokens = Input("text", ("batch", model.context_length), below=model.vocab_size, whole=True)
    return _tower("scorer.texts", model, model.transformer, run, tokens)


def tower_profiles(usual: int) -> tuple[Profile, ...]:
    return (Profile({"batch": Span(1, usual, MOST)}),)


def _tower(name: str, model: Any, region: nn.Module, run: Run, given: Input) -> Graph:
    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(model, call)

    return Graph(name, Body(model, run), [given], ("features",), named(name, [given]), eager, [region])


def _pair(side: int | tuple[int, int]) -> tuple[int, int]:
    return (side, side) if isinstance(side, int) else side
