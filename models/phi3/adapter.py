"""Phi-3 as extractor: listings written together token by token, each answer held to the grammar of the vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from models.domain import Attributes, ExtractionOrder, Refusal
from models.phi3.decoding import Decoder, Text, common
from models.phi3.grammar import Grammar
from models.phi3.numbers import Numbers
from models.phi3.prompt import prompt
from models.phi3.schema import from_json, schema
from models.vocabulary import vocabulary
from models.writing import written

INCOMPLETE = Refusal("extraction_incomplete", "the attributes do not fit the extractor's token limit; shorten the text")
# Listings that begin unlike: what both prompts begin with is the template's own.
UNLIKE = (ExtractionOrder("model_descr: a", ""), ExtractionOrder("model_descr: 0", ""))


@dataclass(eq=False)
class Extraction:
    """A listing on its way; it is read at its first step."""

    order: ExtractionOrder
    outcome: Attributes | Refusal | None = None
    text: Text | None = None


class Phi3:
    """What a listing states, proposed by a language model; nothing in the listing can leave the schema."""

    def __init__(self, model: Any, tokenizer: Any, numbers: Numbers) -> None:
        self.together = numbers.batch
        self._tokenizer, self._numbers = tokenizer, numbers
        self._words = vocabulary(numbers.vocabulary)
        self._grammar = Grammar(tokenizer, model.config.vocab_size, schema(self._words))
        beginning = common(*(self._tokens(order) for order in UNLIKE))
        self._decoder = Decoder(model, self._grammar, numbers.batch, beginning)

    def extract(self, orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]:
        """One outcome per order, in their order."""
        return written(self, orders)

    def begin(self, order: ExtractionOrder) -> Extraction:
        return Extraction(order)

    def step(self, together: Sequence[Extraction]) -> None:
        """One token of each; those that are not named any more have left."""
        texts = []
        for one in together:
            one.text = one.text or Text(self._tokens(one.order), self._grammar.matcher())
            texts.append(one.text)
        self._decoder.advance(texts)
        for one, text in zip(together, texts, strict=True):
            if text.closed or len(text.written) == self._numbers.max_new_tokens:
                one.outcome = _parsed(self._tokenizer.decode(text.written, skip_special_tokens=True))

    def _tokens(self, order: ExtractionOrder) -> list[int]:
        limits = (self._numbers.source_tokens, self._numbers.english_tokens)
        text = prompt(order, self._numbers.prompt, self._words, limits, partial(cut, self._tokenizer))
        tokens: list[int] = self._tokenizer(text).input_ids
        return tokens


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
