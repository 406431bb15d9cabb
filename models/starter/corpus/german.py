"""Noun phrases with German inflection and their English translation."""

from dataclasses import dataclass, replace
from typing import Literal

Case = Literal["nom", "acc", "dat"]
Article = Literal["def", "ein", "sein", "none", "dies"]
Gender = Literal["m", "f", "n", "p"]

_DEFINITE = {
    "nom": {"m": "der", "f": "die", "n": "das", "p": "die"},
    "acc": {"m": "den", "f": "die", "n": "das", "p": "die"},
    "dat": {"m": "dem", "f": "der", "n": "dem", "p": "den"},
}
_STRONG = {
    "nom": {"m": "er", "f": "e", "n": "es", "p": "e"},
    "acc": {"m": "en", "f": "e", "n": "es", "p": "e"},
    "dat": {"m": "em", "f": "er", "n": "em", "p": "en"},
}
_EIN = {
    "nom": {"m": "", "f": "e", "n": "", "p": "e"},
    "acc": {"m": "en", "f": "e", "n": "", "p": "e"},
    "dat": {"m": "em", "f": "er", "n": "em", "p": "en"},
}


@dataclass(frozen=True, slots=True)
class Noun:
    """`adjective`: German stem and English, "" for none; `gives`: (attribute, value) pairs that saying it states."""

    german: str
    gender: Gender
    english: str
    dative_plural: str = ""
    adjective: tuple[str, str] = ("", "")
    mass: bool = False
    gives: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] = ()

    def with_adjective(self, stem: str, english: str) -> "Noun":
        """The same noun under an adjective; "=" before the stem takes no ending."""
        return replace(self, adjective=(stem, english))

    def german_phrase(self, case: Case, article: Article, owner: Gender = "n") -> str:
        """Article, adjective and noun in their forms; `owner` decides between "sein" and "ihr"."""
        noun = self.dative_plural if case == "dat" and self.gender == "p" and self.dative_plural else self.german
        return " ".join(
            word for word in (self._determiner(case, article, owner), self._adjective(case, article), noun) if word
        )

    def english_phrase(self, article: str) -> str:
        """`article`: the, a, its, this or none; a plural or mass noun has no "a"."""
        words = " ".join(word for word in (self.adjective[1], self.english) if word)
        if article == "a":
            article = "none" if self.mass or self.gender == "p" else ("an" if words[0].lower() in "aeiou" else "a")
        if article == "this" and self.gender == "p":
            article = "these"
        return words if article == "none" else f"{article} {words}"

    def _determiner(self, case: Case, article: Article, owner: Gender) -> str:
        if article == "def":
            return _DEFINITE[case][self.gender]
        if article == "dies":
            return "dies" + _STRONG[case][self.gender]
        if article == "sein":
            return ("sein" if owner in "mn" else "ihr") + _EIN[case][self.gender]
        return "ein" + _EIN[case][self.gender] if article == "ein" and self.gender != "p" else ""

    def _adjective(self, case: Case, article: Article) -> str:
        stem = self.adjective[0]
        if not stem or stem.startswith("="):
            return stem[1:]
        bare = article == "none" or (article == "ein" and self.gender == "p")
        if article in ("def", "dies"):
            ending = "e" if (case == "nom" and self.gender != "p") or (case == "acc" and self.gender in "fn") else "en"
        elif bare or (case != "dat" and self.gender != "p" and _EIN[case][self.gender] != "en"):
            ending = _STRONG[case][self.gender]
        else:
            ending = "en"
        return stem + ending
