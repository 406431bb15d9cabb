"""Two prompts from typed fields: a detailed one for generation and a short one for scoring, every fragment sourced."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.domain import Refusal
from models.vocabulary import vocabulary
from serve_app.catalogue.ledger import Ledger
from serve_app.catalogue.prompts import fragments
from serve_app.catalogue.prompts.fragments import Fragment
from serve_app.catalogue.prompts.template import Template, template

LETTERS_PER_TOKEN = 4  # English words of CLIP's BPE hold more letters per token, so this overestimates
NO_TYPE = Refusal(
    "no_product_type", "the listing names no product type that the vocabulary holds; name it in the title"
)


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the generator, the scorer and (where supported) the negative branch get; `template` is the version used."""

    generation: str
    scoring: str
    negative: str
    fragments: tuple[Fragment, ...]
    scoring_fragments: tuple[Fragment, ...]
    template: str


def cautious_count(text: str) -> int:
    """Tokens of a text, overestimated, with both markers; for use without the scorer's own tokenizer."""
    pieces = re.findall(r"\w+|[^\w\s]", text)
    return 2 + sum(-(-len(piece) // LETTERS_PER_TOKEN) for piece in pieces)


def write(
    ledger: Ledger, count: Callable[[str], int] = cautious_count, form: Template | None = None
) -> Prompts | Refusal:
    """Both prompts of a ledger; refused where no product type is known. `count` gives a text's CLIP tokens."""
    form = form or template()
    if ledger.attributes.product_type not in vocabulary().types:
        return NO_TYPE
    parts = generation(ledger, form)
    short, kept = scoring(ledger, form, count)
    text = form.generation.joiner.join(part.text for part in parts)
    return Prompts(text, short, form.generation.negative, tuple(parts), tuple(kept), form.version)


def generation(ledger: Ledger, form: Template) -> list[Fragment]:
    """Article, colour, cloth, cut, decoration, details, house style."""
    what = fragments.article(ledger)
    lead = Fragment(what.part, form.generation.lead.format(article=with_article(what.text)), what.sources)
    parts = [
        lead,
        *fragments.colour(ledger, form),
        *fragments.weave(ledger),
        *fragments.cut(ledger, defaults=True),
        *fragments.decoration(ledger, form, words=True),
        *answered_first(list(fragments.details(ledger, form)))[: form.generation.most_features],
    ]
    house = [Fragment(part, text, house="house style") for part, text in form.generation.house.items()]
    return [*unique(parts), *house]


def scoring(ledger: Ledger, form: Template, count: Callable[[str], int]) -> tuple[str, list[Fragment]]:
    """ "a dark blue melange men's t-shirt with short sleeves": colour, cloth, type, then features while they fit."""
    adjectives = [*_scored_colour(ledger), *fragments.weave(ledger)]
    if "colour-block" in ledger.attributes.pattern:
        adjectives.append(fragments.said(ledger, "pattern", "colour-block", ("pattern", "colour-block")))
    what = fragments.article(ledger)
    features = unique(answered_first([
        *fragments.cut(ledger, defaults=False),
        *_scored_second(ledger),
        *fragments.decoration(ledger, form, words=False),
        *fragments.details(ledger, form),
    ]))  # fmt: skip
    while True:
        text = sentence([*adjectives, what], features)
        if count(text) <= form.scoring.tokens or not (features or adjectives[1:]):
            return text, [*adjectives, what, *features]
        (features or adjectives).pop()


def _scored_colour(ledger: Ledger) -> list[Fragment]:
    body, parts = fragments.of_role(ledger, "base", "unknown"), fragments.of_role(ledger, "contrast")
    woven = {"striped", "checked"} & set(ledger.attributes.pattern)
    shown = [*body[:2], *(p for p in parts[:1] if body and woven and fragments.second_role(ledger, p) != "contrast")][
        :2
    ]
    if not shown:
        return []
    return [
        fragments.said(ledger, "colour", " and ".join(c.value for c in shown), *(("colours", c.value) for c in shown))
    ]


def _scored_second(ledger: Ledger) -> list[Fragment]:
    """A layer or contrast, said behind the type."""
    return [
        fragments.said(ledger, "colour", f"{c.value} {c.role}", ("colours", c.value))
        for c in fragments.of_role(ledger, "contrast", "layer")
        if c.role == "layer" or fragments.second_role(ledger, c) == "contrast"
    ][:1]


def sentence(words: Sequence[Fragment], features: Sequence[Fragment]) -> str:
    """The scoring text of adjectives and article, and of the features behind "with"."""
    lead = with_article(" ".join(word.text for word in words))
    listed = [feature.text for feature in features]
    if not listed:
        return lead
    return f"{lead} with {', '.join(listed[:-1])} and {listed[-1]}" if listed[1:] else f"{lead} with {listed[0]}"


def with_article(words: str) -> str:
    """ "a men's t-shirt", "an olive boys' t-shirt"; the training captions follow the same rule."""
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}"


def answered_first(parts: list[Fragment]) -> list[Fragment]:
    """What the seller answered leads, so that no limit leaves it out."""
    return sorted(parts, key=lambda part: all(claim.witness != "seller" for claim in part.sources))


def unique(parts: list[Fragment]) -> list[Fragment]:
    """Without fragments that repeat an earlier one's words."""
    return list({part.text: part for part in reversed(parts)}.values())[::-1]


__all__ = ["Fragment", "Prompts", "Template", "cautious_count", "sentence", "template", "write"]
