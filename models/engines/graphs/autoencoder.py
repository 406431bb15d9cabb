"""The decoder of an `AutoencoderKL`."""

from typing import Any, cast

from torch import Tensor, nn

from models.engines.graph import Body, Graph, Input, Made, Tensors, named
from models.engines.shapes import Profile, Span


def vae_decoder(name: str, vae: Any, house: tuple[int, int], largest: int, batch: int) -> Made:
    """Latents `z` (n, channels, height, width) to pictures (n, 3, ...) between -1 and 1.

    Profiles: the house's width and height exactly, then everything up to the largest side, all in pixels.
    """
    inputs = [Input("z", ("batch", vae.config.latent_channels, "height", "width"))]

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return cast(tuple[Tensor, ...], cast(Any, module).decode(**tensors, return_dict=False))

    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(vae, call)

    graph = Graph(name, Body(vae, run), inputs, ("sample",), named(name, inputs), eager, [vae.decoder])
    halvings = len(vae.config.block_out_channels) - 1
    width, height, side = (pixels >> halvings for pixels in (*house, largest))
    rows, most = Span(1, 1, batch), max(width, height, side)
    wide = {"batch": rows, "height": Span(1, height, most), "width": Span(1, width, most)}
    return graph, (Profile({"batch": rows, "height": Span.only(height), "width": Span.only(width)}), Profile(wide))
