"""Colours and what they colour: base, contrast, layer, print; unknown where several are named without roles."""

import re

from models.domain import ColourRole
from serve_app.catalogue.claims import Claim, Dropped, claim
from serve_app.catalogue.lexicon import Match, fold
from serve_app.catalogue.listing import SHORTHAND
from serve_app.catalogue.reading import CONNECTORS, Reading
from serve_app.catalogue.shorthand import Segment, segments

Role = ColourRole | None  # None: a colour of the garment whose part is not named
REACH = 3  # words between a colour and the word that tells its part
GARMENT_WORDS = re.compile(
    r"design|look|farb\w*|ton|optik|stoff|material|qualität|variante|modell|teil|grund|\w*hemd|\w*shirt|modisch\w*|klassisch\w*"
)
ENGLISH = frozenset({"white", "black", "blue", "green", "red", "yellow", "grey", "brown", "pink"})
LISTED = frozenset({"und", "oder", "and", "or", ",", "/", "-", ", und", ", oder"})
APART = frozenset({"mit", "with", "w", "ohne", "und", "and", "für"})
GOES_WITH = frozenset({"zu", "zur", "zum", "passend", "passt"})


def colours(reading: Reading) -> tuple[list[Claim], list[Dropped]]:
    """Claims with roles. The buyer's columns decide; a colour in the copy counts where it describes the garment."""
    placed = [*_shorthand(reading), *_copy(reading)]
    stated = {m.value for m, role in placed if role is None and m.column in SHORTHAND}
    kept: list[tuple[Match, Role]] = []
    dropped: list[Dropped] = []
    for match, role in placed:
        if role is None and stated and match.value not in stated:
            reason = "the buyer's column names another colour"
            dropped.append(Dropped("colours", match.value, "lexicon", reason, not _shade_of_any(match.value, stated)))
        else:
            kept.append((match, role))
    garment = {m.value for m, role in kept if role is None}
    plain: ColourRole = "base" if len(garment) == 1 else "unknown"
    named = [(m, role or plain) for m, role in kept]
    return [claim(reading.listing, m, role=_role(m.value, role, garment, plain)) for m, role in named], dropped


def _shade_of_any(value: str, others: set[str]) -> bool:
    """Whether one of the others is the same hue, lighter or darker ("blue" and "dark blue")."""
    return any(value.rpartition(" ")[2] == other.rpartition(" ")[2] for other in others)


def _role(value: str, role: ColourRole, garment: set[str], plain: ColourRole) -> ColourRole:
    """One role per value: a colour of the garment stays one where the copy names it for a detail as well."""
    return plain if value in garment and role != "print" else role


def _shorthand(reading: Reading) -> list[tuple[Match, Role]]:
    placed: list[tuple[Match, Role]] = []
    for column in ("model_descr", "model_name"):
        text, layered = reading.text(column), False
        for segment in segments(text):
            here = [m for m in reading.of("colours", column) if segment.holds(m)]
            parts = [m for m in reading.of("colour_roles", column) if segment.holds(m)]
            says_layer = any(p.value == "layer" for p in parts)
            for match in here:
                role = "layer" if layered or says_layer else _beside(reading, match, parts)
                if role is None and _of_motif(reading, match, segment) and any(r is None for _, r in placed):
                    role = "print"
                placed.append((match, role))
            layered = says_layer and not here
    return placed


def _of_motif(reading: Reading, match: Match, segment: Segment) -> bool:
    """Whether the colour follows a motif in its entry ("weiß, AOP Sterne grau")."""
    motifs = [m for m in reading.of("motif", match.column) if segment.holds(m)]
    return any(m.end <= match.start for m in motifs)


def _beside(reading: Reading, match: Match, parts: list[Match]) -> Role:
    """The part named by the nearest role word of the entry, unless a connecting word parts them."""
    text = reading.text(match.column)
    for part in sorted(parts, key=lambda p: min(abs(p.start - match.end), abs(match.start - p.end))):
        start, end = sorted((match.start, part.start)), sorted((match.end, part.end))
        between = fold(text[end[0] : start[1]]).split()
        after = part.start >= match.end
        if set(between) & (CONNECTORS if after else APART if part.value != "print" else set()):
            continue
        if part.value == "print" and after and not _inflected_or_english(text[match.start : match.end]):
            continue
        return "print" if part.value == "print" else "contrast"
    return None


def _inflected_or_english(evidence: str) -> bool:
    """ "grüner Druck" and "white print" colour the print, "weiß Druck" states the shirt's colour first."""
    last = fold(evidence).split()[-1]
    return last in ENGLISH or last.endswith(("er", "en", "em", "es", "e"))


def _copy(reading: Reading) -> list[tuple[Match, Role]]:
    placed: list[tuple[Match, Role]] = []
    for match in reading.of("colours", "name", "description"):
        if {w.word for w in reading.words_before(match, REACH)} & GOES_WITH:
            continue
        role = _part_in_copy(reading, match)
        if role is not None or _describes_garment(reading, match):
            placed.append((match, role))
    return placed


def _part_in_copy(reading: Reading, match: Match) -> Role:
    following = reading.words_after(match, REACH)
    stop = next((i for i, w in enumerate(following) if w.word in CONNECTORS - {"und", "and"}), len(following))
    reach = following[stop - 1].end if stop else match.end
    partner = _partner(reading, match)
    if partner is not None and not following[:1]:
        return _part_in_copy(reading, partner)
    leading = reading.words_before(match, 2)
    if leading and leading[-1].word == "in":
        for part in reading.within("colour_roles", match.column, leading[0].start, match.start):
            return "print" if part.value == "print" else "layer" if part.value == "layer" else "contrast"
    for part in reading.within("colour_roles", match.column, match.end, reach):
        if any(t.covers(part) for t in reading.of("product_type", match.column)):
            continue
        return "print" if part.value == "print" else "layer" if part.value == "layer" else "contrast"
    return None


def _partner(reading: Reading, match: Match) -> Match | None:
    """The colour before it in a list ("Rot, Blau und Grün")."""
    text = reading.text(match.column)
    others = reading.of("colours", match.column)
    return next(
        (m for m in others if m.end < match.start and text[m.end : match.start].strip().lower() in LISTED), None
    )


def _describes_garment(reading: Reading, match: Match) -> bool:
    """In the title, alone on its line, after "in" or "Farbe", or before the article, its pattern or its look."""
    if match.column == "name":
        return True
    text = reading.text(match.column)
    start, end = reading.sentence(match)
    if text[start:end].strip(" \t\n-–•.") == text[match.start : match.end]:
        return True
    before = [w.word for w in reading.words_before(match, 2, re.compile(r"[,;.!?\n]"))]
    if before and (before[-1] == "in" or any(w.startswith("farb") for w in before)):
        return True
    partner = _partner(reading, match)
    if partner is not None and _describes_garment(reading, partner):
        return True
    following = reading.words_after(match, REACH)
    if any(GARMENT_WORDS.fullmatch(w.word) for w in following):
        return True
    reach = following[-1].end if following else match.end
    return any(reading.within(s, match.column, match.end, reach) for s in ("product_type", "pattern", "materials"))
