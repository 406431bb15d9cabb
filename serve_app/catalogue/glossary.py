"""The trade's glossary round the translator: codes are spelt out before, and its terms are put right after."""

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from serve_app.catalogue.lexicon import fold


class Term(BaseModel):
    """Where `source` stands in the original, one of `accepted` must stand in the translation and no `wrong`.

    `source` and `wrong` are regular expressions without regard to case; a `wrong` becomes `target`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    source: str
    target: str
    accepted: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def corrected(self, translation: str) -> str:
        """The translation with every wrong word replaced by the target, capital letters kept."""
        for wrong in self.wrong:
            translation = re.sub(wrong, self._cased, translation, flags=re.IGNORECASE)
        again = re.escape(self.target)
        return re.sub(rf"({again})(?:[\s-]+{again})+", r"\1", translation, flags=re.IGNORECASE)

    def missing(self, translation: str) -> bool:
        """Whether neither the target nor an accepted form stands in the translation."""
        words = fold(translation)
        return not any(re.search(rf"(?<!\w){re.escape(fold(w))}", words) for w in (self.target, *self.accepted))

    def _cased(self, wrong: re.Match[str]) -> str:
        return self.target[:1].upper() + self.target[1:] if wrong[0][:1].isupper() else self.target


class Glossary(BaseModel):
    """`expand`: code to German words, as whole words; `terms` in order of application."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    language: str
    version: int
    expand: dict[str, str]
    terms: tuple[Term, ...]


@cache
def glossary(language: str = "de") -> Glossary:
    """The glossary of a source language; raises FileNotFoundError when no such data file exists."""
    path = Path(__file__).parent / "glossaries" / f"{language}.toml"
    return Glossary.model_validate(tomllib.loads(path.read_text("utf-8")))


@cache
def _codes(language: str) -> re.Pattern[str]:
    codes = sorted(glossary(language).expand, key=len, reverse=True)
    return re.compile(rf"(?<![\w/])(?:{'|'.join(re.escape(code) for code in codes)})(?![\w/])", re.IGNORECASE)


def guard(text: str, language: str = "de") -> str:
    """The text with the buyer's codes spelt out, which a translator of plain German does not know."""
    expand = glossary(language).expand
    return _codes(language).sub(lambda found: expand[fold(found[0])], text)


def enforce(source: str, translation: str, language: str = "de") -> str:
    """The translation with every glossary term of the source put right.

    A term that the translator lost altogether is added in brackets at the end, so no reader of the English misses it.
    """
    lost: list[str] = []
    for term in glossary(language).terms:
        if not re.search(term.source, source, re.IGNORECASE):
            continue
        translation = term.corrected(translation)
        if term.missing(translation) and term.target not in lost:
            lost.append(term.target)
    return f"{translation} [{', '.join(lost)}]" if lost else translation
