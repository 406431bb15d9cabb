"""Generation held to a JSON schema: what may come next, text by text."""

import json
from collections.abc import Sequence
from typing import Any

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
import torch


class Grammar:
    """A schema over a tokenizer, compiled once; each text has a matcher of its own."""

    def __init__(self, tokenizer: Any, vocabulary_size: int, schema: dict[str, Any]) -> None:
        self._size = vocabulary_size
        end = int(tokenizer.eos_token_id)
        tokens = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary_size, eos_token=end)
        # Free white space would let a model fill its token limit with spaces. Forced bytes would be tokenised apart
        # from their surroundings, which a tokenizer that joins or spaces punctuation writes differently.
        rules = json.dumps(schema | {"x-guidance": {"whitespace_flexible": False}})
        lark = f'%llguidance {{"no_forcing": true}}\nstart: %json {rules}'
        self._fresh = llguidance.LLMatcher(tokens, llguidance.LLMatcher.grammar_from_lark(lark))
        if self._fresh.is_error():
            raise ValueError(f"the schema is no grammar: {self._fresh.get_error()}")

    def matcher(self) -> Any:
        """Where a text stands that has not begun."""
        return self._fresh.deep_copy()

    def allowed(self, matchers: Sequence[Any]) -> torch.Tensor:
        """Tokens that may come next, bool (texts, vocabulary)."""
        bits = llguidance.numpy.allocate_token_bitmask(len(matchers), self._size)
        for row, matcher in enumerate(matchers):
            llguidance.numpy.fill_next_token_bitmask(matcher, bits, row)
        return torch.from_numpy(np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, : self._size] == 1)
