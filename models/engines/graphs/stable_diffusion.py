"""UNet and ControlNet of Stable Diffusion's architecture."""

from collections.abc import Sequence
from typing import Any, cast

from torch import Tensor, nn

from models.engines.errors import EngineError
from models.engines.graph import Body, Graph, Input, Tensors, repeated
from models.engines.shapes import Profile, Span


def unet(module: Any, control: bool) -> Graph:
    """Graph of a `UNet2DConditionModel`; `control`: with the residuals of a ControlNet beside it."""
    residuals = _residuals(module) if control else ()
    inputs = [
        Input("sample", ("batch", module.config.in_channels, "height", "width")),
        Input("timestep", ("batch",), below=1000),
        Input("encoder_hidden_states", ("batch", "text_tokens", module.config.cross_attention_dim)),
        *residuals,
    ]

    def bind(call: dict[str, Any]) -> Tensors:
        given = {name: value for name, value in call.items() if value is not None}
        down = given.pop("down_block_additional_residuals", ())
        middle = given.pop("mid_block_additional_residual", None)
        came = [*down, *([] if middle is None else [middle])]
        if set(given) != {"sample", "timestep", "encoder_hidden_states"} or len(came) != len(residuals):
            said = f"{len(residuals)} residuals; this call has {sorted(given)} and {len(came)}"
            raise EngineError(f"the exported UNet takes sample, timestep, encoder_hidden_states and {said}")
        return given | {one.name: tensor for one, tensor in zip(residuals, came, strict=True)}

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
        Input("timestep", ("batch",), below=1000),
        Input("encoder_hidden_states", ("batch", "text_tokens", module.config.cross_attention_dim)),
        Input("controlnet_cond", ("batch", module.config.conditioning_channels, f"{cells}*height", f"{cells}*width")),
        Input("conditioning_scale", (), below=1),
    ]

    def run(network: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        down, middle = network(**tensors, return_dict=False)
        return (*down, middle)

    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(module, call)

    def bind(call: dict[str, Any]) -> Tensors:
        given = {name: value for name, value in call.items() if value is not None}
        scale = given.get("conditioning_scale", 1.0)
        given["conditioning_scale"] = given["sample"].new_tensor(scale) if isinstance(scale, int | float) else scale
        if set(given) != {one.name for one in inputs}:
            raise EngineError(f"the exported ControlNet takes {[one.name for one in inputs]}, not {list(given)}")
        return given

    outputs = [one.name for one in _residuals(module)]
    return Graph(name, Body(module, run), inputs, outputs, bind, eager, repeated(module))


def denoising_profiles(side: int, largest: int, batch: int, text_tokens: int) -> tuple[Profile, ...]:
    """Square latents of `side` cells, and whatever lies up to `largest`; both halves of a guided step count."""
    text = Span.only(text_tokens)
    rows = Span(1, 2, 2 * batch)
    narrow = {"batch": rows, "height": Span.only(side), "width": Span.only(side), "text_tokens": text}
    between = Span(8, side, largest)  # three halvings leave one cell
    return Profile(narrow), Profile({"batch": rows, "height": between, "width": between, "text_tokens": text})


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
