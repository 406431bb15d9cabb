"""The vision encoder of a `SamModel`, and its prompt encoder with the mask decoder."""

from typing import Any, cast

import torch
from torch import Tensor, nn

from models.engines.graph import Body, Graph, Input, Made, Run, Tensors, named
from models.engines.shapes import Profile, Span

POINTS = 8  # points of one prompt at most; the segmenter's own prompt has one


def sam_vision(model: Any, batch: int) -> Made:
    """`pixel_values` (n, 3, side, side) to image embeddings (n, channels, cells, cells)."""
    side = model.config.vision_config.image_size

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return (cast(Any, module).get_image_embeddings(**tensors),)

    inputs = [Input("pixel_values", ("batch", 3, side, side))]
    graph = _part("segmenter.vision_encoder", model, model.vision_encoder, run, inputs, ("image_embeddings",))
    return graph, (Profile({"batch": Span(1, 1, batch)}),)


def sam_masks(model: Any, batch: int) -> Made:
    """One prompt of box and points per picture to three masks with their estimated quality."""
    config = model.config.prompt_encoder_config
    cells, side = config.image_embedding_size, config.image_size

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        found = module(**tensors, multimask_output=True)
        return found.iou_scores, found.pred_masks

    inputs = [
        Input("image_embeddings", ("batch", config.hidden_size, cells, cells)),
        Input("input_points", ("batch", 1, "points", 2), below=side),
        Input("input_labels", ("batch", 1, "points"), below=2, dtype=torch.int64),
        Input("input_boxes", ("batch", 1, 4), below=side),
    ]
    graph = _part("segmenter.masks", model, model.mask_decoder, run, inputs, ("iou_scores", "pred_masks"))
    return graph, (Profile({"batch": Span(1, 1, batch), "points": Span(1, 1, POINTS)}),)


def _part(  # noqa: PLR0913, PLR0917 - what a graph is made of
    name: str, model: Any, region: nn.Module, run: Run, inputs: list[Input], outputs: tuple[str, ...]
) -> Graph:
    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(model, call)

    return Graph(name, Body(model, run), inputs, outputs, named(name, inputs), eager, [region])
