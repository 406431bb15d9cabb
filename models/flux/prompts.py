"""Prompts as the denoiser takes them: encoded once each, the latest kept."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from models.lru import Lru

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
        self._embeds: Lru[PromptEmbeds] = Lru("prompt embeds", KEPT)

    def encode(self, prompt: str) -> PromptEmbeds:
        known = self._embeds.get(prompt)
        if known is not None:
            return known
        device = self._pipeline.transformer.device
        sequence, pooled, _ = self._pipeline.encode_prompt(
            prompt, None, device=device, max_sequence_length=self._length
        )
        embeds = PromptEmbeds(sequence, pooled)
        self._embeds.put(prompt, embeds)
        return embeds
