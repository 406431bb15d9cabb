"""Prompts as the denoiser takes them: encoded once each, the latest kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.engines.choice import EngineChoice
from models.engines.graphs.text import clip_text, t5_encoder
from models.engines.served import Served
from models.flux.numbers import FluxNumbers
from models.lru import Lru

KEPT = 64  # encoded prompts, as many as a replica holds orders; up to 4 MB each for the large text encoder


@dataclass(frozen=True)
class PromptEmbeds:
    """`sequence` (1, tokens, width) of T5 and `pooled` (1, width) of CLIP."""

    sequence: Tensor
    pooled: Tensor


class PromptEncoder:
    """Each prompt alone, so that its embeds do not depend on its neighbours."""

    def __init__(self, pipeline: Any, folder: Path, numbers: FluxNumbers, wanted: EngineChoice) -> None:
        self._pipeline, self._length, self._stress = pipeline, numbers.max_sequence_length, numbers.stress
        clip = clip_text("renderer.text_encoder", pipeline.text_encoder, numbers.batch)
        t5 = t5_encoder("renderer.text_encoder_2", pipeline.text_encoder_2, numbers.batch, self._length)
        self.encoders = Served(clip, folder / "text_encoder", wanted), Served(t5, folder / "text_encoder_2", wanted)
        self._embeds: Lru[PromptEmbeds] = Lru("prompt embeds", KEPT)

    def encode(self, prompt: str, stressed: Sequence[str] = ()) -> PromptEmbeds:
        """`stressed`: words of the prompt whose embeds are multiplied by the manifest's `stress`."""
        embeds = self._embeds.get(prompt)
        if embeds is None:
            clip, t5 = self.encoders
            _, pooled = clip(input_ids=self._ids(self._pipeline.tokenizer, prompt, self._pipeline.tokenizer_max_length))
            (sequence,) = t5(input_ids=self._ids(self._pipeline.tokenizer_2, prompt, self._length))
            embeds = PromptEmbeds(sequence, pooled)
            self._embeds.put(prompt, embeds)
        if not stressed:
            return embeds
        weights = self._weights(prompt, stressed).to(embeds.sequence.dtype)
        return replace(embeds, sequence=embeds.sequence * weights)

    def _weights(self, prompt: str, stressed: Sequence[str]) -> Tensor:
        """(1, length, 1) for T5's sequence."""
        tokenizer, device = self._pipeline.tokenizer_2, self._pipeline.transformer.device
        places = self._tokens(tokenizer, prompt, self._length, return_offsets_mapping=True).offset_mapping[0].tolist()
        found = [match.span() for words in stressed for match in re.finditer(re.escape(words), prompt)]
        weights = [
            self._stress if any(first < last_ and last > first_ for first_, last_ in found) else 1.0
            for first, last in places
        ]
        return torch.tensor(weights, device=device)[None, :, None]

    def _ids(self, tokenizer: Any, prompt: str, length: int) -> Tensor:
        """(1, length): tokens, cut or padded as FluxPipeline does."""
        found = self._tokens(tokenizer, prompt, length)
        return found.input_ids.to(self._pipeline.transformer.device)  # type: ignore[no-any-return]

    @staticmethod
    def _tokens(tokenizer: Any, prompt: str, length: int, **more: bool) -> Any:
        return tokenizer(prompt, padding="max_length", max_length=length, truncation=True, return_tensors="pt", **more)
