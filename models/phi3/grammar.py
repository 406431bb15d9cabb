"""Generation held to a JSON schema: before each token, everything that leaves the grammar is set to minus infinity."""

import json
from typing import Any

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
import torch
from transformers import LogitsProcessor


class Grammar:
    """A schema over a tokenizer, compiled once; `rows` sequences are guided by `rows` matchers."""

    def __init__(self, tokenizer: Any, vocabulary_size: int, schema: dict[str, Any]) -> None:
        self._end = int(tokenizer.eos_token_id)
        self._size = vocabulary_size
        self._tokens = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary_size, eos_token=self._end)
        # Free white space would let a model fill its token limit with spaces. Forced bytes would be tokenised apart
        # from their surroundings, which a tokenizer that joins or spaces punctuation writes differently.
        rules = json.dumps(schema | {"x-guidance": {"whitespace_flexible": False}})
        lark = f'%llguidance {{"no_forcing": true}}\nstart: %json {rules}'
        self._rules = llguidance.LLMatcher.grammar_from_lark(lark)
        trial = llguidance.LLMatcher(self._tokens, self._rules)
        if trial.is_error():
            raise ValueError(f"the schema is no grammar: {trial.get_error()}")

    def guide(self, rows: int) -> "Guide":
        """A logits processor for one call of `generate` over `rows` left-padded prompts."""
        matchers = [llguidance.LLMatcher(self._tokens, self._rules) for _ in range(rows)]
        return Guide(matchers, self._size, self._end)


class Guide(LogitsProcessor):  # type: ignore[misc]
    """Masks of one batch; a finished object is followed by the end token only."""

    def __init__(self, matchers: list[Any], vocabulary_size: int, end: int) -> None:
        self._matchers, self._size, self._end = matchers, vocabulary_size, end
        self._bits = llguidance.numpy.allocate_token_bitmask(len(matchers), vocabulary_size)
        self._begun = False

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.Tensor:
        """`scores`: (rows, vocabulary), returned with -inf outside the grammar."""
        for row, (matcher, last) in enumerate(zip(self._matchers, input_ids[:, -1].tolist(), strict=True)):
            if self._begun and not matcher.is_stopped():
                matcher.consume_token(last)
            if matcher.is_stopped():
                self._only_end(row)
            else:
                llguidance.numpy.fill_next_token_bitmask(matcher, self._bits, row)
        self._begun = True
        allowed = np.unpackbits(self._bits.view(np.uint8), axis=1, bitorder="little")[:, : self._size]
        return scores.masked_fill(torch.from_numpy(allowed == 0).to(scores.device), float("-inf"))

    def _only_end(self, row: int) -> None:
        self._bits[row] = 0
        self._bits[row, self._end // 32] = np.int32(1) << np.int32(self._end % 32)
