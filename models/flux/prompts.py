"""Prompts as the denoiser takes them: encoded once each, the latest kept."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from torch import Tensor

KEPT = 64  # encoded prompts, as many as a replica holds orders; up to 4 MB each for the large text encoder


@dataclass(frozen=True)
class PromptEmbeds:
    """`sequence` (1, tokens, width) of T5 and `pooled` (1, width) of CLIP."""

    sequence: Tensor
    pooled: Tensor


class PromptEncoder:
    """Each prompt alone, so that its embeds do not depend on its neighbours."""

    def __init__(self, pipeline: Any, length: int) -> None:
        self._pipeline, self._length = pipeline, length
        self._embeds: OrderedDict[str, PromptEmbeds] = OrderedDict()

    def encode(self, prompt: str) -> PromptEmbeds:
        if prompt in self._embeds:
            self._embeds.move_to_end(prompt)
            return self._embeds[prompt]
        device = self._pipeline.transformer.device
        sequence, pooled, _ = self._pipeline.encode_prompt(
            prompt, None, device=device, max_sequence_length=self._length
        )
        self._embeds[prompt] = PromptEmbeds(sequence, pooled)
        if len(self._embeds) > KEPT:
            self._embeds.popitem(last=False)
        return self._embeds[prompt]
