"""Doubles of the translator and the extractor: a word list and a search for the vocabulary's words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from models.domain import Attributes, Colour, ExtractionOrder, Refusal
from models.doubles.trouble import Trouble
from models.vocabulary import vocabulary

WORDS = {
    "herren": "men's", "damen": "women's", "jungen": "boys'", "mädchen": "girls'", "baby": "baby",
    "hemd": "shirt", "bluse": "blouse", "kleid": "dress", "rock": "skirt", "hose": "trousers", "jacke": "jacket",
    "pullover": "knit jumper", "weiß": "white", "weiss": "white", "schwarz": "black", "rot": "red", "blau": "blue",
    "grün": "green", "gelb": "yellow", "grau": "grey", "braun": "brown", "lila": "purple", "und": "and", "mit": "with",
    "gestreift": "striped", "kariert": "checked", "meliert": "melange", "langarm": "long sleeves",
}  # fmt: skip


class WordByWord:
    """German words of a short list become English, every other word stays as it is."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble

    def translate(self, texts: Sequence[str]) -> list[str | Refusal]:
        """One English text per German text."""
        return self._trouble.met(
            texts, str, lambda text: re.sub(r"\w+", lambda word: WORDS.get(word[0].lower(), word[0]), text)
        )


@dataclass(eq=False)
class Note:
    """A listing and what was found in it."""

    order: ExtractionOrder
    outcome: Attributes | Refusal | None = None


class Lookup:
    """Product type, colours and patterns that stand word for word in the English text, longest first; in one step."""

    together = 8

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._types, self._colours = tuple(vocabulary().types), tuple(vocabulary().colours)

    def begin(self, order: ExtractionOrder) -> Note:
        return Note(order)

    def step(self, together: Sequence[Note]) -> None:
        for note, outcome in zip(together, self.extract([note.order for note in together]), strict=True):
            note.outcome = outcome

    def extract(self, orders: Sequence[ExtractionOrder]) -> list[Attributes | Refusal]:
        """One set of attributes per order; nothing is guessed."""
        return self._trouble.met(orders, lambda order: order.source, self._said)

    def _said(self, order: ExtractionOrder) -> Attributes:
        types = named(order.english, self._types)
        return Attributes(
            product_type=types[0] if types else None,
            colours=tuple(Colour(value) for value in named(order.english, self._colours)),
            pattern=tuple(named(order.english, vocabulary().patterns)),
        )


@cache
def named(text: str, words: tuple[str, ...]) -> list[str]:
    """Words in the order of the text; a word inside a longer one that was found ("blue" in "dark blue") is skipped."""
    found: list[tuple[int, str]] = []
    rest = text.lower()
    for word in sorted((word for word in words if word in rest), key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(word)}(?![\w-])", rest):
            found.append((match.start(), word))
            rest = rest[: match.start()] + "·" * len(word) + rest[match.end() :]
    return list(dict.fromkeys(word for _, word in sorted(found)))
