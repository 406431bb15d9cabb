"""Phi-3 as extractor: listings in batches, each answer held to the grammar of the vocabulary."""

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from transformers import LogitsProcessorList

from models.batches import apart
from models.domain import Attributes, ExtractionOrder, Refusal
from models.phi3.grammar import Grammar
from models.phi3.numbers import Numbers
from models.phi3.prompt import prompt
from models.phi3.schema import from_json, schema
from models.vocabulary import vocabulary

INCOMPLETE = Refusal("extraction_incomplete", "the attributes do not fit the extractor's token limit; shorten the text")


class Phi3:
    """What a listing states, proposed by a language model; nothing in the listing can leave the schema."""

    def __init__(self, model: Any, tokenizer: Any, numbers: Numbers) -> None:
        tokenizer.padding_side = "left"
        self._model, self._tokenizer, self._numbers = model, tokenizer, numbers
        self._words = vocabulary(numbers.vocabulary)
        self._grammar = Grammar(tokenizer, model.config.vocab_size, schema(self._words))
        # Padding is a setting of the shared tokenizer.
        self._alone = threading.Lock()

    def extract(self, orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]:
        """One outcome per order, in their order; batches hold listings of similar length."""
        prompts = [self._prompt(order) for order in orders]
        outcomes: dict[int, Attributes | Refusal] = {}
        places = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
        with self._alone:
            for start in range(0, len(places), self._numbers.batch):
                batch = places[start : start + self._numbers.batch]
                answers = apart(self._together, [prompts[place] for place in batch])
                outcomes.update(zip(batch, answers, strict=True))
        return [outcomes[place] for place in range(len(orders))]

    def _prompt(self, order: ExtractionOrder) -> str:
        limits = (self._numbers.source_tokens, self._numbers.english_tokens)
        return prompt(order, self._numbers.prompt, self._words, limits, partial(cut, self._tokenizer))

    def _together(self, prompts: Sequence[str]) -> list[Attributes | Refusal]:
        return [_parsed(text) for text in self._generate(list(prompts))]

    def _generate(self, prompts: list[str]) -> list[str]:
        tokens = self._tokenizer(prompts, padding=True, return_tensors="pt", return_token_type_ids=False)
        tokens = tokens.to(self._model.device)
        guide = self._grammar.guide(len(prompts))
        with torch.inference_mode():
            output = self._model.generate(
                **tokens,
                do_sample=False,
                max_new_tokens=self._numbers.max_new_tokens,
                logits_processor=LogitsProcessorList([guide]),
                eos_token_id=self._tokenizer.eos_token_id,
                pad_token_id=self._tokenizer.pad_token_id,
            )
        answers = output[:, tokens["input_ids"].shape[1] :]
        decoded: list[str] = self._tokenizer.batch_decode(answers, skip_special_tokens=True)
        return decoded


def cut(tokenizer: Any, text: str, limit: int) -> tuple[str, int]:
    """The longest beginning of `text` within `limit` tokens, and how many tokens it has."""
    places = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    if len(places) <= limit:
        return text, len(places)
    return text[: places[limit][0]].rstrip(), limit


def _parsed(text: str) -> Attributes | Refusal:
    try:
        return from_json(text)
    except ValueError:
        return INCOMPLETE
