"""Prompts as the denoiser takes them: encoded once each, the latest kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        self._pipeline, self._length = pipeline, numbers.max_sequence_length
        clip = clip_text("renderer.text_encoder", pipeline.text_encoder, numbers.batch)
        t5 = t5_encoder("renderer.text_encoder_2", pipeline.text_encoder_2, numbers.batch, self._length)
        self.encoders = Served(clip, folder / "text_encoder", wanted), Served(t5, folder / "text_encoder_2", wanted)
        self._embeds: Lru[PromptEmbeds] = Lru("prompt embeds", KEPT)

    def encode(self, prompt: str) -> PromptEmbeds:
        known = self._embeds.get(prompt)
        if known is not None:
            return known
        clip, t5 = self.encoders
        _, pooled = clip(input_ids=self._ids(self._pipeline.tokenizer, prompt, self._pipeline.tokenizer_max_length))
        (sequence,) = t5(input_ids=self._ids(self._pipeline.tokenizer_2, prompt, self._length))
        embeds = PromptEmbeds(sequence, pooled)
        self._embeds.put(prompt, embeds)
        return embeds

    def _ids(self, tokenizer: Any, prompt: str, length: int) -> Tensor:
        """(1, length): tokens, cut or padded as FluxPipeline does."""
        found = tokenizer(prompt, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
        return found.input_ids.to(self._pipeline.transformer.device)  # type: ignore[no-any-return]
