"""Texts written together, token by token: each joins and leaves between two tokens, whatever its neighbours do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor

from models.phi3.grammar import Grammar
from models.phi3.slots import Slots


@dataclass(eq=False)
class Text:
    """The tokens of a prompt, those written after it, and how far the grammar has come."""

    prompt: list[int]
    matcher: Any
    written: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.written)

    @property
    def closed(self) -> bool:
        """Whether the last brace is written: nothing may follow."""
        return bool(self.matcher.is_accepting())


class Decoder:
    """Greedy decoding under a grammar. One thread at a time.

    `beginning`: the tokens that most prompts begin with; they are read once and stay in every row.
    """

    def __init__(self, model: Any, grammar: Grammar, rows: int, beginning: Sequence[int]) -> None:
        self._model, self._grammar, self._rows = model, grammar, rows
        self._beginning = list(beginning)
        # The last row keeps the beginning and no text.
        self._slots = Slots(rows + 1, model.config.num_hidden_layers, model.config.sliding_window)
        self._texts: list[Text] = []  # by row
        with torch.inference_mode():
            self._read(rows, self._beginning, 0)

    def advance(self, texts: Sequence[Text]) -> None:
        """Writes one token of each text. A text is read when it is first seen; one that is not named has left."""
        try:
            with torch.inference_mode():
                self._leave(texts)
                for text in texts:
                    if text not in self._texts:
                        self._join(text)
                self._write()
        except Exception:
            self._texts = []  # whoever comes again is read again
            raise

    def _leave(self, staying: Sequence[Text]) -> None:
        """Rows stay without a gap: the last one takes the place of the one that is free."""
        for row in reversed(range(len(self._texts))):
            if self._texts[row] not in staying:
                last = self._texts.pop()
                if row < len(self._texts):
                    self._slots.copy(len(self._texts), row, last.length)
                    self._texts[row] = last

    def _join(self, text: Text) -> None:
        row, tokens = len(self._texts), text.prompt + text.written
        known = len(common(self._beginning, tokens[:-1]))
        self._slots.copy(self._rows, row, known)
        self._read(row, tokens[known:-1], known)
        self._texts.append(text)

    def _read(self, row: int, tokens: Sequence[int], start: int) -> None:
        if tokens:
            self._pass(row, [list(tokens)], [list(range(start, start + len(tokens)))])

    def _write(self) -> None:
        last = [[(text.written or text.prompt)[-1]] for text in self._texts]
        states = self._pass(0, last, [[text.length - 1] for text in self._texts])
        scores = self._model.lm_head(states[:, -1]).float()
        # A GPU is still at work while the grammar says what may come.
        allowed = self._grammar.allowed([text.matcher for text in self._texts])
        chosen = scores.masked_fill(~allowed.to(scores.device), float("-inf")).argmax(dim=-1).tolist()
        for text, token in zip(self._texts, chosen, strict=True):
            text.matcher.consume_token(token)
            text.written.append(token)

    def _pass(self, row: int, tokens: list[list[int]], places: list[list[int]]) -> Tensor:
        """Last hidden states (rows, tokens, width) of `tokens` at `places` of the rows from `row` on."""
        positions = torch.tensor(places, device=self._model.device)
        mask = self._slots.place(row, positions, reach=max(map(max, places)) + 1)
        output = self._model.model(
            input_ids=torch.tensor(tokens, device=self._model.device),
            attention_mask=mask,
            position_ids=positions,
            past_key_values=self._slots,
            use_cache=True,
        )
        states: Tensor = output.last_hidden_state
        return states


def common(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """The tokens that both begin with."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return [token for token, _ in pairs]
