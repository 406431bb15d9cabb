"""The corpus's words, read from the data files beside this module."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.starter.corpus.german import Gender, Noun
from models.vocabulary.lexicon import lexicon

Rng = np.random.Generator


@cache
def read(name: str) -> dict[str, Any]:
    """The data file `name`.toml."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))


def words() -> dict[str, Any]:
    """Adjectives, types, colours, fibres and other small words."""
    return read("words")


def chosen(rng: Rng, options: Any) -> Any:
    """One of a sequence, evenly."""
    return options[int(rng.integers(len(options)))]


def noun(rng: Rng, entry: dict[str, Any], decorated: float = 0.5) -> Noun:
    """One wording of a data-file entry, under its fixed adjective or, by the chance `decorated`, a fitting one."""
    german, gender, *dative = chosen(rng, entry["de"]).split(":")
    stem, english = entry.get("fixed", ("", ""))
    gives = [(field, value) for field, values in entry["gives"].items() for value in values]
    if not stem and entry.get("adjs") and rng.random() < decorated:
        stem, english = adjective(rng, entry["adjs"])
        gives += [("non_visual_claims", claim) for start, claim in words()["states"].items() if stem == start]
    return Noun(
        german, gender, entry["en"], dative[0] if dative else "", (stem, english), entry.get("mass", False),
        tuple(gives), tuple(entry.get("codes", ())),
    )  # fmt: skip


def adjective(rng: Rng, group: str) -> tuple[str, str]:
    """German stem and English of one adjective of a group."""
    stem, english = chosen(rng, words()["adjectives"][group]).split(":")
    return stem, english


def simple(text: str, english: str, **rest: Any) -> Noun:
    """A noun from "noun:gender" or "noun:p:dative plural"."""
    german, gender, *dative = text.split(":")
    kind: Gender = gender  # type: ignore[assignment]
    return Noun(german, kind, english, dative[0] if dative else "", **rest)


def colour_adjective(rng: Rng, colour: str) -> tuple[str, str]:
    """German stem ("=" for one without endings) and English of a colour."""
    return chosen(rng, words()["colours"][colour]), colour


def colour_code(rng: Rng, colour: str) -> str:
    """A colour as retail shorthand says it."""
    draw = rng.random()
    if draw < 0.45:
        return colour
    if draw < 0.85:
        return str(chosen(rng, words()["colours"][colour])).removeprefix("=")
    return str(chosen(rng, lexicon("de").words("colours").get(colour) or (colour,)))


def slogan(rng: Rng) -> str:
    """Lettering of one to four words."""
    some = [str(chosen(rng, words()["slogans"]["words"])) for _ in range(int(rng.integers(1, 5)))]
    style = rng.random()
    if style < 0.4:
        return " ".join(word[:1].upper() + word[1:] for word in some)
    return " ".join(some).upper() if style < 0.5 else " ".join(some)


def brand(rng: Rng) -> str:
    """A made-up label, or one of the plain words that labels are called."""
    parts = words()["brands"]
    name = (
        chosen(rng, parts["starts"]) + chosen(rng, parts["ends"])
        if rng.random() < 0.85
        else chosen(rng, parts["plain"])
    )
    if rng.random() < 0.15:
        name += " " + chosen(rng, parts["starts"]) + chosen(rng, parts["ends"])
    return f"{name} {chosen(rng, parts['lines'])}" if rng.random() < 0.4 else str(name)
