"""What a model proposed, held against the source: a value stays only where the listing's own words say it."""

import re
from dataclasses import fields, replace

from models.domain import Attributes
from serve_app.catalogue.claims import Claim, Dropped, claim, spanned
from serve_app.catalogue.lexicon import fold
from serve_app.catalogue.reading import Reading

UNSUPPORTED = "no words of the listing say it"
DECIDED = "the listing's own words say otherwise"
FREE = ("motif", "motif_text", "style", "brand")  # copied from the source, verbatim
CLOSED = ("audience", "product_type", "sleeve", "neckline", "fit", "closure", "length", "pattern", "materials",
          "non_visual_claims", "licensed_character")  # fmt: skip
SINGLE = ("audience", "product_type", "sleeve", "neckline", "fit", "closure", "length", "licensed_character")
COMPOSED = ("features", "pattern", "closure", "neckline", "sleeve", "materials", "colours", "motif", "places")
LINKS = frozenset({"a", "an", "and", "at", "for", "in", "of", "on", "the", "with"})
SHORTEST_COPY = 4  # letters of a copied span; shorter ones occur by chance


def supported(reading: Reading, proposal: Attributes, said: list[Claim]) -> tuple[list[Claim], list[Dropped]]:
    """New claims with witness "llm" that the source supports, and what was dropped with the reason.

    Supported means: the lexicon finds a form of the value in the text, or the value itself stands there word by word,
    or (features) all its words are those of values that the lexicon finds in one sentence.
    The decoders' decisions stay: colours and single-valued attributes that they filled are not added to.
    """
    kept: list[Claim] = []
    dropped: list[Dropped] = []
    decided = {c.attribute for c in said}
    known = {(c.attribute, c.value) for c in said}
    for attribute, value in _values(proposal):
        if (attribute, value) in known:
            continue
        evidence = _evidence(reading, attribute, value)
        if evidence is None:
            dropped.append(Dropped(attribute, value, "llm", UNSUPPORTED))
        elif attribute in decided and attribute in (*SINGLE, *FREE, "colours", "pattern", "materials"):
            dropped.append(Dropped(attribute, value, "llm", DECIDED))
        else:
            kept.append(evidence)
    return kept, dropped


def _values(proposal: Attributes) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for field in fields(proposal):
        value = getattr(proposal, field.name)
        if field.name == "colours":
            found += [("colours", colour.value) for colour in value]
        elif isinstance(value, tuple):
            found += [(field.name, entry) for entry in value]
        elif isinstance(value, str):
            found.append((field.name, value))
    return found


def _evidence(reading: Reading, attribute: str, value: str) -> Claim | None:
    """A claim of the model with the span that supports it, or None."""
    plain = value.partition(" (")[0]
    if attribute in CLOSED:
        match = next((m for m in reading.of(attribute) if m.value in (value, plain)), None)
        return _model_made(claim(reading.listing, match, attribute, value)) if match else None
    for section in (attribute, "motif") if attribute == "motif" else (attribute,):
        match = next((m for m in reading.of(section) if m.value == value), None)
        if match:
            return _model_made(claim(reading.listing, match, attribute, value))
    return _composed(reading, value) if attribute == "features" else _copied(reading, attribute, value)


def _composed(reading: Reading, value: str) -> Claim | None:
    """ "embroidery at neckline and sleeves" from a sentence that names each of them."""
    wanted = bare(value)
    for anchor in (m for section in COMPOSED for m in reading.of(section)):
        start, end = reading.sentence(anchor)
        near = [m for s in COMPOSED for m in reading.within(s, anchor.column, start, end) if bare(m.value) & wanted]
        if wanted and wanted <= {word for m in near for word in bare(m.value)}:
            span = (anchor.column, min(m.start for m in near), max(m.end for m in near))
            return _model_made(spanned(reading.listing, "features", value, span))
    return None


def bare(value: str) -> set[str]:
    """Content words of an English phrase, without plural endings."""
    return {word.removesuffix("s") for word in re.findall(r"[a-z0-9/]+", value.lower())} - LINKS


def _copied(reading: Reading, attribute: str, value: str) -> Claim | None:
    wanted = fold(value)
    if len(wanted) < SHORTEST_COPY:
        return None
    for column, text in reading.listing.columns():
        found = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", fold(text))
        if found:
            return _model_made(spanned(reading.listing, attribute, value, (column, *found.span())))
    return None


def _model_made(evidence: Claim) -> Claim:
    return replace(evidence, witness="llm")
