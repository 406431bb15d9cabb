"""UNet and ControlNet of Stable Diffusion's architecture."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from models.engines.errors import EngineError
from models.engines.graph import Body, Graph, Input, Tensors, repeated
from models.engines.shapes import Profile, Span, measured
from models.stable_diffusion.numbers import StableDiffusionNumbers

LEVEL = Input("timestep", ("batch",), below=1000, dtype=torch.float32)  # bfloat16 would round 999 to 1000


def unet(module: Any, control: bool) -> Graph:
    """Graph of a `UNet2DConditionModel`; `control`: with a ControlNet's residuals, zeros for a call without them."""
    residuals = _residuals(module) if control else ()
    step = 2 ** (len(module.config.block_out_channels) - 1)  # cells that the way down makes one of
    inputs = [
        Input("sample", ("batch", module.config.in_channels, "height", "width")),
        LEVEL,
        Input("encoder_hidden_states", ("batch", "text_tokens", module.config.cross_attention_dim)),
        *residuals,
    ]

    def bind(call: dict[str, Any]) -> Tensors:
        given = {name: value for name, value in call.items() if value is not None}
        down = given.pop("down_block_additional_residuals", ())
        middle = given.pop("mid_block_additional_residual", None)
        came = [*down, *([] if middle is None else [middle])]
        if set(given) != {"sample", "timestep", "encoder_hidden_states"} or len(came) not in {0, len(residuals)}:
            said = f"{len(residuals)} residuals; this call has {sorted(given)} and {len(came)}"
            raise EngineError(f"the exported UNet takes sample, timestep, encoder_hidden_states and {said}")
        batch, _, height, width = given["sample"].shape
        if height % step or width % step:
            raise EngineError(f"the exported UNet takes multiples of {step} cells a side, not {height} x {width}")
        sizes = {"batch": batch, "height": height, "width": width}
        came = came or [given["sample"].new_zeros([measured(axis, sizes) for axis in one.shape]) for one in residuals]
        return _levelled(given) | {one.name: tensor for one, tensor in zip(residuals, came, strict=True)}

    def run(network: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        came = [tensors[one.name] for one in residuals]
        given = {name: tensor for name, tensor in tensors.items() if not name.startswith("residual_")}
        extra: dict[str, Any] = {}
        if came:
            extra = {"down_block_additional_residuals": tuple(came[:-1]), "mid_block_additional_residual": came[-1]}
        return cast(tuple[Tensor, ...], network(**given, **extra, return_dict=False))

    def eager(**call: Any) -> tuple[Tensor, ...]:
        return cast(tuple[Tensor, ...], module(**call, return_dict=False))

    return Graph("retoucher.unet", Body(module, run), inputs, ("noise",), bind, eager, repeated(module))


def controlnet(name: str, module: Any) -> Graph:
    """Graph of a `ControlNetModel`: residuals of the way down and, last, of the middle."""
    cells = 2 ** (len(module.config.conditioning_embedding_out_channels) - 1)
    inputs = [
        Input("sample", ("batch", module.config.in_channels, "height", "width")),
        LEVEL,
        Input("encoder_hidden_states", ("batch", "text_tokens", module.config.cross_attention_dim)),
        Input("controlnet_cond", ("batch", module.config.conditioning_channels, f"{cells}*height", f"{cells}*width")),
        Input("conditioning_scale", ("batch", 1, 1, 1), below=1),
    ]

    def run(network: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        down, middle = network(**tensors, return_dict=False)
        return (*down, middle)

    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(module, call)

    def bind(call: dict[str, Any]) -> Tensors:
        given = {"conditioning_scale": 1.0} | {name: value for name, value in call.items() if value is not None}
        if set(given) != {one.name for one in inputs}:
            raise EngineError(f"the exported ControlNet takes {[one.name for one in inputs]}, not {list(given)}")
        scale = torch.as_tensor(given["conditioning_scale"]).to(given["sample"])
        return _levelled(given) | {"conditioning_scale": scale.expand(len(given["sample"]), 1, 1, 1)}

    outputs = [one.name for one in _residuals(module)]
    return Graph(name, Body(module, run), inputs, outputs, bind, eager, repeated(module))


def denoising_profiles(numbers: StableDiffusionNumbers, pixels: int, text_tokens: int) -> tuple[Profile, ...]:
    """The largest square, and whatever lies below it; both halves of a guided step count. `pixels`: of a cell's side"""
    side, text = numbers.largest_side // pixels, Span.only(text_tokens)
    rows = Span(1, 2, 2 * numbers.batch)
    narrow = {"batch": rows, "height": Span.only(side), "width": Span.only(side), "text_tokens": text}
    between = Span(min(8, side), side, side)  # three halvings leave one cell
    return Profile(narrow), Profile({"batch": rows, "height": between, "width": between, "text_tokens": text})


def _levelled(given: Tensors) -> Tensors:
    """With the noise level, which a scheduler gives as one number of any type, for each row."""
    sample = given["sample"]
    level = torch.as_tensor(given["timestep"]).to(sample.device, torch.float32)
    return given | {"timestep": level.expand(len(sample))}


def _residuals(module: Any) -> Sequence[Input]:
    """One per convolution of the way down and one of the middle; channels and scale follow the configuration."""
    channels, layers = module.config.block_out_channels, module.config.layers_per_block
    found: list[tuple[int, int]] = [(channels[0], 1)]
    scale = 1
    for place, width in enumerate(channels):
        found += [(width, scale)] * layers
        if place + 1 < len(channels):
            scale *= 2
            found.append((width, scale))
    found.append((channels[-1], scale))
    return [
        Input(f"residual_{place}", ("batch", width, _part("height", scale), _part("width", scale)))
        for place, (width, scale) in enumerate(found)
    ]


def _part(axis: str, scale: int) -> str:
    return axis if scale == 1 else f"{axis}/{scale}"
