"""Captions that differ from the scoring prompt in one attribute: what the picture must not look more like."""

from dataclasses import dataclass, replace

from models.domain import Attributes
from models.vocabulary import vocabulary
from serve_app.catalogue.prompts import Fragment, Prompts, sentence
from serve_app.catalogue.prompts.fragments import PRINTS, WEAVES

PLAIN = "solid"
NO_PRINT = "no print"
RIVAL_WEAVES = (PLAIN, "melange", "striped", "checked", "dots", "floral", "all-over print", "acid wash", "jacquard")


@dataclass(frozen=True, slots=True)
class Rivals:
    """Value -> caption per attribute, the stated value's own caption among them; empty where nothing is stated."""

    types: dict[str, str]
    patterns: dict[str, str]

    @property
    def texts(self) -> tuple[str, ...]:
        """All captions, each once."""
        return tuple(dict.fromkeys([*self.types.values(), *self.patterns.values()]))


def rivals(prompts: Prompts, stated: Attributes) -> Rivals:
    """Rivals of the type and of the first pattern that a whole picture can show."""
    split = next(i for i, part in enumerate(prompts.scoring_fragments) if part.part == "article") + 1
    words, features = prompts.scoring_fragments[:split], prompts.scoring_fragments[split:]
    return Rivals(_types(words, features, stated), _patterns(words, features, stated))


def _types(words: tuple[Fragment, ...], features: tuple[Fragment, ...], stated: Attributes) -> dict[str, str]:
    kind, types = stated.product_type or "", vocabulary().types
    if kind not in types:
        return {}
    look = types[kind].drawn_as
    others = [name for name, entry in types.items() if entry.drawn_as == name != look]
    *adjectives, article = words
    return {
        name: sentence([*adjectives, replace(article, text=article.text.replace(kind, name))], features)
        for name in (kind, *others)
    }


def _patterns(words: tuple[Fragment, ...], features: tuple[Fragment, ...], stated: Attributes) -> dict[str, str]:
    phrase = vocabulary().phrase
    weave = next((value for value in stated.pattern if value in RIVAL_WEAVES and value != PLAIN), None)
    if weave is None and any(value in WEAVES for value in stated.pattern):
        return {}
    printed = next((value for value in stated.pattern if value in PRINTS), None)
    if weave is None and printed is not None:
        bare = [part for part in features if part.part not in ("pattern", "motif", "motif_text")]
        return {printed: sentence(words, features), NO_PRINT: sentence(words, bare)}
    if weave is None and PLAIN not in stated.pattern:
        return {}
    rest = [word for word in words if word.text != phrase(weave or "")]
    *adjectives, article = rest
    captions = {value: sentence([*adjectives, *_woven(value), article], features) for value in RIVAL_WEAVES}
    return {weave or PLAIN: sentence(words, features)} | {v: text for v, text in captions.items() if v != weave}


def _woven(value: str) -> list[Fragment]:
    return [] if value == PLAIN else [Fragment("pattern", vocabulary().phrase(value))]
