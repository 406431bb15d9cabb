"""Parts of a prompt, each with the claims that allow it, or as house style."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from models.domain import Colour
from models.vocabulary import vocabulary
from serve_app.catalogue.claims import Claim
from serve_app.catalogue.ledger import Ledger, phrase
from serve_app.catalogue.lexicon import matcher
from serve_app.catalogue.prompts.template import Template
from serve_app.catalogue.proposal import COMPOSED, bare

WEAVES = ("melange", "striped", "checked", "dots", "floral", "animal", "all-over print", "acid wash", "burn-out",
          "space-dye", "jacquard")  # fmt: skip
MOTIF_KINDS = ("floral", "animal")
PRINTS = ("placement print", "print")
DECORATIONS = ("embroidery", "sequins", "rhinestones", "glitter", "applique")


@dataclass(frozen=True, slots=True)
class Fragment:
    """`text` stands in the prompt because `sources` say so; without sources it is `house` style of the named sort."""

    part: str
    text: str
    sources: tuple[Claim, ...] = ()
    house: str | None = None

    def as_record(self) -> dict[str, Any]:
        """For the record: the fragment and where each of its claims stands."""
        if self.house is not None:
            return {"text": self.text, "part": self.part, "source": "house style", "why": self.house}
        places = [
            {"column": c.column, "start": c.start, "end": c.end, "text": c.text, "witness": c.witness}
            for c in self.sources
        ]
        return {"text": self.text, "part": self.part, "source": "listing", "claims": places}


def said(ledger: Ledger, part: str, text: str, *attributes: tuple[str, str]) -> Fragment:
    """A fragment with the ledger's claims for these (attribute, value) pairs as its sources."""
    return Fragment(part, text, tuple(c for attribute, value in attributes for c in ledger.of(attribute, value)))


def article(ledger: Ledger) -> Fragment:
    """ "men's t-shirt"; the type alone where no audience is stated."""
    stated = ledger.attributes
    kind = stated.product_type or ""
    who = vocabulary().audiences.get(stated.audience or "")
    pairs = [("audience", stated.audience or ""), ("product_type", kind)]
    return said(ledger, "article", f"{who} {kind}" if who else kind, *pairs)


def of_role(ledger: Ledger, *roles: str) -> list[Colour]:
    """Colours with one of these roles, in the ledger's order."""
    return [c for c in ledger.attributes.colours if c.role in roles]


def colour(ledger: Ledger, form: Template) -> Iterator[Fragment]:
    """The colours of the garment as one clause; print colours are the motif's, not the garment's."""
    body, parts = of_role(ledger, "base", "unknown"), of_role(ledger, "contrast", "layer")
    if not body:
        return
    pairs = [("colours", c.value) for c in (*body[:2], *parts[:1])]
    if len(body) > 1:
        clause = form.colours["block" if "colour-block" in ledger.attributes.pattern else "several"]
        text = clause.format(first=body[0].value, second=body[1].value)
    elif parts:
        text = form.colours[second_role(ledger, parts[0])].format(base=body[0].value, second=parts[0].value)
    else:
        text = body[0].value
    yield said(ledger, "colour", text, *pairs)


def second_role(ledger: Ledger, second: Colour) -> str:
    """Which clause a second colour takes: its layer, the stripes or checks of the pattern, or a contrast."""
    if second.role == "layer":
        return "layer"
    beside = " ".join(c.text.lower() for c in ledger.of("colours", second.value))
    named = [p for p in ("striped", "checked") if p in ledger.attributes.pattern and "contrast" not in beside]
    return named[0] if named and _stripes_named(ledger) else "contrast"


def _stripes_named(ledger: Ledger) -> bool:
    return not any("contrast" in value for value in ledger.attributes.features)


def weave(ledger: Ledger) -> Iterator[Fragment]:
    """Patterns of the cloth itself; animals and flowers are one only where they are printed all over."""
    stated = ledger.attributes.pattern
    for value in WEAVES:
        placed = value in MOTIF_KINDS and ledger.attributes.motif is not None and "all-over print" not in stated
        if value in stated and not placed:
            yield said(ledger, "pattern", vocabulary().phrase(value), ("pattern", value))


def cut(ledger: Ledger, defaults: bool) -> Iterator[Fragment]:
    """Sleeve and neckline as stated, else (for generation) what a picture of the type shows by default."""
    stated = ledger.attributes
    entry = vocabulary().types.get(stated.product_type or "")
    for part, value in (("sleeve", stated.sleeve), ("neckline", stated.neckline)):
        if value:
            yield said(ledger, part, vocabulary().phrase(value), (part, value))
        elif defaults and entry is not None:
            usual = entry.default_sleeve if part == "sleeve" else entry.default_neckline
            if usual:
                yield Fragment(part, vocabulary().phrase(usual), house="default of the type, no claim")


def decoration(ledger: Ledger, form: Template, words: bool) -> Iterator[Fragment]:
    """Print, motif, lettering and what is applied on top; `words` repeats stated lettering in quotes."""
    stated = ledger.attributes
    placed = [v for v in PRINTS if v in stated.pattern and not (v == "print" and "all-over print" in stated.pattern)]
    for value in placed:
        yield said(ledger, "pattern", vocabulary().phrase(value), ("pattern", value))
    yield from motif(ledger, form)
    for value in (v for v in DECORATIONS if v in stated.pattern):
        yield said(ledger, "pattern", vocabulary().phrase(value), ("pattern", value))
    text = stated.motif_text
    if text is not None:
        quotable = words and len(text) <= form.lettering.longest and '"' not in text
        said_as = form.lettering.quoted.format(text=text) if quotable else form.lettering.plain
        yield said(ledger, "motif_text", said_as, ("motif_text", text))
    elif ledger.of("features", "lettering"):
        yield said(ledger, "motif_text", form.lettering.plain, ("features", "lettering"))


def motif(ledger: Ledger, form: Template) -> Iterator[Fragment]:
    """The subjects that the lexicon knows, except characters that somebody owns."""
    if ledger.attributes.licensed_character is not None:
        return
    known = matcher().sections["motif"]
    values = [c.value for c in ledger.claims if c.attribute == "motif" and c.value in known]
    drawn = [v for v in dict.fromkeys(values) if v not in form.unseen.motifs]
    if drawn:
        yield said(ledger, "motif", form.lettering.motif.format(motif=phrase(drawn)), *(("motif", v) for v in drawn))


def details(ledger: Ledger, form: Template) -> Iterator[Fragment]:
    """Visible features, fit, closure, length and fabric, in vocabulary phrases only."""
    stated, words = ledger.attributes, vocabulary()
    for value in stated.features:
        shown = value not in form.unseen.features and not _said_by_pattern(value, stated.pattern)
        if shown and bare(value) <= _vocabulary_words():
            yield said(ledger, "features", words.phrase(value), ("features", value))
    for attribute, single in (("closure", stated.closure), ("length", stated.length), ("fit", stated.fit)):
        closed = single in (*words.closures, *words.lengths, *words.fits)
        if single and closed and single not in form.unseen.fits and single not in stated.features:
            # The vocabulary's phrase for "long" is that of sleeves.
            text = single if attribute == "length" else words.phrase(single)
            yield said(ledger, attribute, text, (attribute, single))
    for value in stated.materials:
        fabric = form.fabrics.get(value.partition(" (")[0])
        if fabric:
            yield said(ledger, "materials", fabric, ("materials", value))


@cache
def _vocabulary_words() -> frozenset[str]:
    """Every word of every value that can be seen; a phrase of other words is no vocabulary and is left out."""
    sections = matcher().sections
    return frozenset(word for section in COMPOSED for value in sections[section] for word in bare(value))


def _said_by_pattern(value: str, patterns: Iterable[str]) -> bool:
    """Whether a feature only repeats a pattern that is in the prompt already ("large front print")."""
    phrases = {vocabulary().phrase(p) for p in patterns}
    return (
        value in phrases
        or value in set(patterns)
        or value in {"glitter print", "large print", "printed front and back"}
    )
