"""Text encoders of transformers: CLIP's text tower and the encoder of T5."""

from typing import Any

import torch
from torch import Tensor, nn

from models.engines.graph import Body, Graph, Input, Made, Run, Tensors, named
from models.engines.shapes import Profile, Span


def clip_text(name: str, encoder: Any, batch: int) -> Made:
    """`input_ids` (n, tokens) to the last hidden state (n, tokens, width) and the pooled one (n, width)."""
    profiles = _profiles(batch, encoder.config.max_position_embeddings)

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        found = module(**tensors)
        return found.last_hidden_state, found.pooler_output

    return _texts(name, encoder, run, ("last_hidden_state", "pooler_output")), profiles


def t5_encoder(name: str, encoder: Any, batch: int, tokens: int) -> Made:
    """`input_ids` (n, tokens) to the last hidden state (n, tokens, width)."""

    def run(module: nn.Module, tensors: Tensors) -> tuple[Tensor, ...]:
        return (module(**tensors).last_hidden_state,)

    return _texts(name, encoder, run, ("last_hidden_state",)), _profiles(batch, tokens)


def _profiles(batch: int, tokens: int) -> tuple[Profile, ...]:
    """Texts come padded to one length; a prompt is encoded alone unless a catalogue waits."""
    return (Profile({"batch": Span(1, 1, batch), "tokens": Span.only(tokens)}),)


def _texts(name: str, encoder: Any, run: Run, outputs: tuple[str, ...]) -> Graph:
    inputs = [Input("input_ids", ("batch", "tokens"), below=encoder.config.vocab_size, dtype=torch.int64)]

    def eager(**call: Any) -> tuple[Tensor, ...]:
        return run(encoder, call)

    return Graph(name, Body(encoder, run), inputs, outputs, named(name, inputs), eager, [encoder])
