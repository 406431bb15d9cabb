"""The FLUX transformer. Its rotations are made outside the graph: in float64, which TensorRT does not have."""

import copy
from typing import Any, cast

import torch
from torch import Tensor, nn

from models.engines.errors import EngineError
from models.engines.graph import Body, Graph, Input, Tensors, repeated
from models.engines.shapes import Profile, Span
from models.flux.numbers import FluxNumbers


class Rotations(nn.Module):
    """Stands for the position embedding where cosines and sines come in beside each other."""

    def forward(self, ids: Tensor) -> tuple[Tensor, ...]:
        return ids.chunk(2, dim=-1)


def flux_transformer(transformer: Any) -> Graph:
    """Graph of a `FluxTransformer2DModel`, without ControlNet and without attention arguments."""
    config = transformer.config
    rotation = 2 * sum(config.axes_dims_rope)
    inputs = [
        Input("hidden_states", ("batch", "image_tokens", config.in_channels)),
        Input("encoder_hidden_states", ("batch", "text_tokens", config.joint_attention_dim)),
        Input("pooled_projections", ("batch", config.pooled_projection_dim)),
        Input("timestep", ("batch",), below=1),
        Input("txt_ids", ("text_tokens", rotation), below=1),
        Input("img_ids", ("image_tokens", rotation), below=1),
    ]
    if config.guidance_embeds:
        inputs.append(Input("guidance", ("batch",), below=5))
    twin = copy.copy(transformer)  # shares every weight
    twin._modules = dict(transformer._modules)
    twin.pos_embed = Rotations()

    def bind(call: dict[str, Any]) -> Tensors:
        given = {name: value for name, value in call.items() if value is not None}
        if set(given) != {one.name for one in inputs}:
            raise EngineError(f"the exported FLUX transformer takes {[one.name for one in inputs]}, not {list(given)}")
        turned = {name: _turned(transformer, given[name]) for name in ("txt_ids", "img_ids")}
        return given | turned

    def eager(**call: Any) -> tuple[Tensor, ...]:
        return cast(tuple[Tensor, ...], transformer(**call, return_dict=False))

    return Graph("renderer.transformer", Body(twin, _run), inputs, ("velocity",), bind, eager, repeated(transformer))


def flux_profiles(numbers: FluxNumbers, multiple: int) -> tuple[Profile, ...]:
    """Square drafts of half the house's side, the house's size, the largest square, and whatever lies between them.

    Drafts are tuned for whole batches; from the house's size on a step is bound by arithmetic at one picture.
    `multiple`: pixels of a token's side.
    """
    text = Span.only(numbers.max_sequence_length)
    house = (numbers.width // multiple) * (numbers.height // multiple)
    draft = max(1, numbers.width // 2 // multiple) * max(1, numbers.height // 2 // multiple)
    most = max(house, (numbers.largest_side // multiple) ** 2)
    usual = {draft: numbers.batch, house: 1, most: 1}
    narrow = [
        Profile({"batch": Span(1, batch, numbers.batch), "image_tokens": Span.only(tokens), "text_tokens": text})
        for tokens, batch in sorted(usual.items())
    ]
    wide = {"batch": Span(1, 1, numbers.batch), "image_tokens": Span(1, house, most), "text_tokens": text}
    return (*narrow, Profile(wide))


def _run(transformer: nn.Module, inputs: Tensors) -> tuple[Tensor, ...]:
    return cast(tuple[Tensor, ...], transformer(**inputs, return_dict=False))


def _turned(transformer: Any, ids: Tensor) -> Tensor:
    """(tokens, 2 * width): cosines and sines of positions (tokens, axes)."""
    return torch.cat(transformer.pos_embed(ids), dim=-1)
