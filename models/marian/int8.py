"""A Marian checkpoint in 8 bit on the CPU, by CTranslate2; converted when it is loaded, in seconds."""

import tempfile
from pathlib import Path
from typing import Any

import ctranslate2
import torch
from ctranslate2.converters.converter import Converter
from ctranslate2.converters.transformers import BartLoader


class Int8:
    """Token ids in, token ids out, as `MarianMTModel.generate` has them; `threads` None is CTranslate2's choice."""

    def __init__(self, model: Any, tokenizer: Any, beams: int, max_tokens: int, threads: int | None) -> None:
        self._tokenizer, self._beams, self._max_tokens = tokenizer, beams, max_tokens
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "int8"
            Conversion(model, tokenizer).convert(str(converted), quantization="int8")
            self._translator = ctranslate2.Translator(
                str(converted), device="cpu", compute_type="int8", intra_threads=threads or 0
            )

    def __call__(self, batch: list[list[int]]) -> list[list[int]]:
        results = self._translator.translate_batch(
            [self._tokenizer.convert_ids_to_tokens(tokens) for tokens in batch],
            beam_size=self._beams,
            max_decoding_length=self._max_tokens,
            suppress_sequences=[[self._tokenizer.pad_token]],
        )
        return [self._tokenizer.convert_tokens_to_ids(result.hypotheses[0]) for result in results]


class Conversion(Converter):  # type: ignore[misc]
    """From a model that is loaded; CTranslate2's own way would read the folder again."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer

    def _load(self) -> Any:
        with torch.no_grad():
            return PadStart()(self._model, self._tokenizer)


class PadStart(BartLoader):  # type: ignore[misc]
    """Keeps the padding token, from whose embedding transformers starts a translation.

    CTranslate2's loader for Marian takes it for zero, which holds for converted checkpoints only.
    """

    def get_model_spec(self, model: Any) -> Any:
        model.config.normalize_before = model.config.normalize_embedding = False
        return super().get_model_spec(model)

    def set_config(self, config: Any, model: Any, tokenizer: Any) -> None:
        config.eos_token, config.unk_token = tokenizer.eos_token, tokenizer.unk_token
        config.decoder_start_token = tokenizer.convert_ids_to_tokens(model.config.decoder_start_token_id)
