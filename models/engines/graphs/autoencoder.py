"""The decoder of an `AutoencoderKL`."""

from typing import Any, cast

from torch import Tensor, nn

from models.engines.graph import Body, Graph, Input, Tensors, named
from models.engines.shapes import Profile, Span


def vae_decoder(name: str, vae: Any) -> Graph:
    """Latents `z` (n, channels, height, width) to pictures (n, 3, ...) between -1 and 1."""
    inputs = [Input("z", ("batch", vae.config.latent_channels, "height", "width"))]

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return cast(tuple[Tensor, ...], cast(Any, module).decode(**tensors, return_dict=False))

    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(vae, call)

    return Graph(name, Body(vae, run), inputs, ("sample",), named(name, inputs), eager, [vae.decoder])


def decoding_profiles(width: int, height: int, largest: int, batch: int) -> tuple[Profile, ...]:
    """The house's size exactly, then everything up to the largest side; in latent cells."""
    rows = Span(1, 1, batch)
    house = Profile({"batch": rows, "height": Span.only(height), "width": Span.only(width)})
    most = max(width, height, largest)
    wide = {"batch": rows, "height": Span(1, height, most), "width": Span(1, width, most)}
    return house, Profile(wide)
