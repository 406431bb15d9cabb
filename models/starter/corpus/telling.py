"""One template said about one article: the German sentence, its translation, and what it states."""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models.starter.corpus.articles import LEGS, Article
from models.starter.corpus.german import Gender, Noun
from models.starter.corpus.wording import (
    Rng,
    adjective,
    chosen,
    colour_adjective,
    noun,
    read,
    simple,
    words,
)  # fmt: skip
from models.vocabulary import vocabulary

Pair = tuple[str, str]
_SLOT = re.compile(r"\{(\w+)(?:\.([\w.]+))?(?:\?([^|}]*)\|([^}]*))?\}")
_PEOPLE = {
    "men": ("Herren", "men"), "women": ("Damen", "women"), "boys": ("Jungen", "boys"), "girls": ("Mädchen", "girls"),
    "baby": ("Babys", "babies"), "unisex_kids": ("Kinder", "children"),
}  # fmt: skip
_PRONOUNS: dict[Gender, str] = {"m": "er", "f": "sie", "n": "es", "p": "sie"}
_SLEEVES = {"short": ("Kurzarm", "short-sleeve"), "long": ("Langarm", "long-sleeve")}


PLAIN = ("{item.nom.none}", "{item.none}")  # what can always be said


def held_out(template: str) -> bool:
    """Whether a template is kept from training: about an eighth, by a hash of its German text."""
    return zlib.crc32(template.encode()) % 8 == 0


@dataclass
class Telling:
    """Says things about `article`; `stated` grows with what has been said, `unseen` takes held-out templates only."""

    article: Article
    rng: Rng
    unseen: bool = False
    stated: dict[str, list[str]] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def say(self, kind: str) -> Pair:
        """A sentence of a kind ("name", "description", "bullet") that fits the article and was not said yet."""
        templates = [entry for entry in read("sentences")[kind] if held_out(entry[0]) == self.unseen]
        slots = self._words() | self._nouns()
        for index in self.rng.permutation(len(templates)):
            german, english = templates[int(index)]
            if german not in self._used and all(slots[name] is not None for name in _wanted(german)):
                self._used.add(german)
                return self._filled(german, english, slots)
        return self._filled(*PLAIN, slots)

    def state(self, gives: Iterable[tuple[str, str]]) -> None:
        """Notes attributes as stated."""
        for name, value in gives:
            values = self.stated.setdefault(name, [])
            if value not in values:
                values.append(value)

    def _filled(self, german: str, english: str, slots: dict[str, Any]) -> Pair:
        for piece, (name, value) in read("sentences")["states"].items():
            if piece in german:
                self.state([(name, value)])
        owner = slots["item"].gender
        said = _SLOT.sub(lambda match: _german(match, slots, owner), german)
        pair = _capital(said), _capital(_SLOT.sub(lambda match: _english(match, slots), english))
        for name in _wanted(german) | ({"item"} if "item" in german else set()):
            if isinstance(value := slots[name], Noun):
                self.state(value.gives)
        if "colour." in german or "{Colour}" in german or "{tone}" in german or "{Farbe}" in german:
            self.state([("colours", f"{self.article.colours[0][0]}/base")])
        if "{people}" in german:
            self.state([given for given in slots["item"].gives if given[0] in ("audience", "product_type")])
        if "{text}" in german:
            self.state([("motif_text", slots["text"][0]), ("motif", "lettering")])
        if "{brand}" in german:
            self.state([("brand", slots["brand"][0])])
        self.pairs.append(pair)
        return pair

    def _nouns(self) -> dict[str, Any]:
        article, rng = self.article, self.rng
        said = {pair for name, values in self.stated.items() for pair in ((name, value) for value in values)}
        facts = [fact for fact in (*article.facts, article.second) if fact and not _code_only(fact)]
        order = [facts[int(place)] for place in rng.permutation(len(facts))]
        fresh = sorted(order, key=lambda fact: all(given in said for given in fact.gives))
        claims = list(read("claims").values())
        first, second = rng.choice(len(claims), 2, replace=False)
        look = simple(*str(chosen(rng, words()["nouns"]["looks"])).rsplit(":", 1), adjective=adjective(rng, "plain"))
        return {
            "fact": fresh[0] if fresh else None,
            "fact2": fresh[1] if len(fresh) > 1 else None,
            "claim": noun(rng, claims[int(first)], 0.9),
            "claim2": noun(rng, claims[int(second)], 0.9),
            "fibre": chosen(rng, article.fibres) if article.fibres else None,
            "cloth": chosen(rng, article.cloths) if article.cloths else None,
            "look": look,
            "design": replace(simple("Design:n", "design"), adjective=adjective(rng, "plain")),
            "motif": article.motif,
        }

    def _words(self) -> dict[str, Any]:
        article, rng = self.article, self.rng
        kind = words()["types"][article.kind]
        bare = simple(str(chosen(rng, kind["de"])), kind["en"], mass=article.kind in LEGS)
        base = next((value for value, role in article.colours if role == "base"), None)
        stem, _ = colour_adjective(rng, base) if base else ("", "")
        plain = stem.removeprefix("=")
        named = (plain.capitalize(), base) if base else None
        return {
            "item": _item(article, bare, rng),
            "type": bare,
            "it": (_PRONOUNS[bare.gender], "it"),
            "brand": (article.brand, article.brand),
            "use": tuple(chosen(rng, words()["uses"]["items"])),
            "text": (article.text, article.text) if article.text else None,
            "people": _PEOPLE[article.audience],
            "plain": adjective(rng, "plain"),
            "adj": adjective(rng, "plain"),
            "colour": (stem, base) if base else None,
            "Colour": named,
            "Farbe": named,
            "tone": (plain if stem.startswith("=") else plain + "e", base) if base else None,
        }


def _wanted(german: str) -> set[str]:
    names = {match.group(1) for match in _SLOT.finditer(german)}
    return names | {"tone"} if "colour." in german else names


def _item(article: Article, bare: Noun, rng: Rng) -> Noun:
    form = str(chosen(rng, words()["audiences"][article.audience]))
    states = words()["types"][article.kind].get("states", {})
    gives = [("audience", article.audience), ("product_type", article.kind), *states.items()]
    german, english = bare.german, bare.english
    sleeve = next((value for fact in article.facts for name, value in fact.gives if name == "sleeve"), "")
    if sleeve in _SLEEVES and rng.random() < 0.5 and "sleeve" not in states:
        german, english = f"{_SLEEVES[sleeve][0]}-{german}", f"{_SLEEVES[sleeve][1]} {english}"
        gives.append(("sleeve", sleeve))
    joined = f"{form} {german}" if " " in form else f"{form}-{german}"
    if form in ("Herren", "Damen", "Kinder") and "-" not in german and rng.random() < 0.2:
        joined = form + german.lower()
    elif form == "Damen" and rng.random() < 0.05:
        joined = f"Damen {german}"
    return replace(
        bare, german=joined, english=f"{vocabulary().audiences[article.audience]} {english}", gives=tuple(gives)
    )


def _code_only(fact: Noun) -> bool:
    return fact.gives == (("sleeve", "sleeveless"),)


def _under_adjective(parts: Sequence[str], name: str, slots: dict[str, Any]) -> tuple[Noun, list[str]]:
    """`{colour.item.nom.none}` is the item under the colour's adjective."""
    if parts and parts[0] in slots and isinstance(slots[parts[0]], Noun):
        return slots[parts[0]].with_adjective(*slots[name]), list(parts[1:])
    return slots[name], list(parts)


def _german(match: re.Match[str], slots: dict[str, Any], owner: Gender) -> str:
    name, form, one, many = match.groups()
    if one is not None:
        return many if slots[name].gender == "p" else one
    if form is None:
        return str(slots[name][0]).removeprefix("=")
    thing, parts = _under_adjective(form.split("."), name, slots)
    case, article = parts
    return thing.german_phrase(case, article, owner)  # type: ignore[arg-type]


def _english(match: re.Match[str], slots: dict[str, Any]) -> str:
    name, form, one, many = match.groups()
    if one is not None:
        return many if slots[name].gender == "p" else one
    if form is None:
        return str(slots[name][1])
    thing, parts = _under_adjective(form.split("."), name, slots)
    return thing.english_phrase(parts[0])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
