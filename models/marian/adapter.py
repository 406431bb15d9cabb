"""Marian as translator: sentence by sentence, batched, each distinct sentence translated once."""

import threading
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import torch

from models.batches import apart
from models.domain import Refusal
from models.lru import Lru
from models.marian.numbers import Numbers
from models.marian.sentences import halves, sentences

FAILED = Refusal("translation_failed", "the translator gave no text for a sentence; shorten or rephrase it")

Generation = Callable[[list[list[int]]], list[list[int]]]
"""Token ids of several texts to those of their translations."""


class Marian:
    """Texts of several sentences and lines; the layout is kept, text without letters stands as it is."""

    def __init__(self, generation: Generation, tokenizer: Any, numbers: Numbers) -> None:
        self._generation, self._tokenizer, self._numbers = generation, tokenizer, numbers
        self._known: Lru[str] = Lru("translations", numbers.cached_sentences)
        # The tokenizer switches between its two languages in place.
        self._alone = threading.Lock()

    def translate(self, texts: Sequence[str]) -> list[str | Refusal]:
        """English in the layout of the source; "" stays "", a text that cannot be translated is a Refusal."""
        with self._alone:
            plans = [self._plan(text) for text in texts]
            wanted = dict.fromkeys(
                piece for plan in plans if not isinstance(plan, Refusal) for _, piece in plan if _has_letters(piece)
            )
            english = self._recalled(list(wanted))
            return [plan if isinstance(plan, Refusal) else _joined(plan, english) for plan in plans]

    def _plan(self, text: str) -> list[tuple[str, str]] | Refusal:
        if len(text) > self._numbers.max_characters:
            limit = self._numbers.max_characters
            return Refusal("text_too_long", f"the text has {len(text)} characters; at most {limit} are translated")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return Refusal("text_not_readable", "the text holds characters that are not Unicode; export it as UTF-8")
        plan: list[tuple[str, str]] = []
        for sentence in sentences(unicodedata.normalize("NFC", text)):
            for place, piece in enumerate(halves(_printable(sentence.text), self._fits)):
                plan.append((sentence.layout if place == 0 else " ", piece.strip()))
        return plan

    def _fits(self, text: str) -> bool:
        return len(self._tokenizer(text).input_ids) <= self._numbers.max_tokens

    def _recalled(self, wanted: list[str]) -> dict[str, str | Refusal]:
        known = {text: self._known.get(text) for text in wanted}
        english: dict[str, str | Refusal] = {text: said for text, said in known.items() if said is not None}
        new = sorted((text for text in wanted if text not in english), key=len)
        for start in range(0, len(new), self._numbers.batch):
            batch = new[start : start + self._numbers.batch]
            for text, outcome in zip(batch, apart(self._together, batch), strict=True):
                english[text] = outcome
                if isinstance(outcome, str):
                    self._known.put(text, outcome)
        return english

    def _together(self, batch: Sequence[str]) -> list[str | Refusal]:
        return [output.strip() or FAILED for output in self._generate(list(batch))]

    def _generate(self, batch: list[str]) -> list[str]:
        output = self._generation(self._tokenizer(batch).input_ids)
        decoded: list[str] = self._tokenizer.batch_decode(output, skip_special_tokens=True)
        return decoded


class Torch:
    """A `MarianMTModel` on its device."""

    def __init__(self, model: Any, tokenizer: Any, beams: int, max_tokens: int) -> None:
        self._model, self._tokenizer, self._beams, self._max_tokens = model, tokenizer, beams, max_tokens

    def __call__(self, batch: list[list[int]]) -> list[list[int]]:
        tokens = self._tokenizer.pad({"input_ids": batch}, return_tensors="pt").to(self._model.device)
        with torch.inference_mode():
            output = self._model.generate(
                **tokens,
                num_beams=self._beams,
                do_sample=False,
                max_new_tokens=self._max_tokens,
                max_length=None,
            )
        ids: list[list[int]] = output.tolist()
        return ids


def _printable(text: str) -> str:
    kept = (" " if letter.isspace() else letter for letter in text if letter.isspace() or letter.isprintable())
    return " ".join("".join(kept).split())


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _joined(plan: list[tuple[str, str]], english: dict[str, str | Refusal]) -> str | Refusal:
    text = ""
    for layout, piece in plan:
        outcome = english.get(piece, piece)
        if isinstance(outcome, Refusal):
            return outcome
        text += layout + outcome
    return text
