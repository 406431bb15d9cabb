"""What a value is called in German and English when a seller chooses it."""

from functools import cache

from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon
from serve_app.catalogue.completeness.visible import Attribute, kind

EXACT = ("=", "#")  # the lexicon's marks of spellings and codes that are no word of their own


@cache
def named(attribute: Attribute, value: str) -> dict[str, str]:
    """Language -> name."""
    return {"de": _german(attribute, value), "en": _english(attribute, value)}


def _german(attribute: Attribute, value: str) -> str:
    """The lexicon's first plain word; light and dark colours are composed of two ("hellblau")."""
    listed = kind().attributes[attribute].named.get(value)
    if listed is not None:
        return listed
    sections = lexicon("de").sections
    shade, _, colour = value.partition(" ")
    if attribute == "colours" and shade in ("light", "dark") and colour in sections["colours"]:
        return _first(sections["shades"][shade]) + _first(sections["colours"][colour])
    return _first(sections[attribute].get(value, (value,)))


def _first(forms: tuple[str, ...]) -> str:
    plain = next((form for form in forms if not form.startswith(EXACT) and "…" not in form), forms[0])
    return plain.strip("-").lstrip("=#")


def _english(attribute: Attribute, value: str) -> str:
    if attribute == "audience":
        return vocabulary().audiences[value].removesuffix("'s").removesuffix("'")
    return value if attribute == "length" else vocabulary().phrase(value)
