"""The buyer's columns: segments between commas, codes, and words that the column's byte limit cut off."""

import re
from dataclasses import dataclass

from serve_app.catalogue.lexicon import Match, Matcher, tokens
from serve_app.catalogue.listing import Column

BYTES = {"model_descr": 50, "model_name": 25}  # the exporting system cuts these columns here, in UTF-8
SHORTEST_CUT = 3  # letters that a cut word must still have to be completed
SEPARATOR = re.compile(r"[,;+|]|\s[-–]\s|\n")
COMPLETED = ("colours", "pattern", "features", "neckline")


@dataclass(frozen=True, slots=True)
class Segment:
    """One entry between separators; `text[start:end]` of its column."""

    start: int
    end: int

    def holds(self, match: Match) -> bool:
        """Whether the match lies inside."""
        return self.start <= match.start and match.end <= self.end


def segments(text: str) -> list[Segment]:
    """Entries of a shorthand column, empty ones left out; a match may not cross their borders."""
    borders = [m.span() for m in SEPARATOR.finditer(text)]
    starts = [0, *(end for _, end in borders)]
    ends = [*(start for start, _ in borders), len(text)]
    return [Segment(s, e) for s, e in zip(starts, ends, strict=True) if text[s:e].strip()]


def cut_off(column: Column, text: str) -> bool:
    """Whether the column's byte limit has cut the text; a letter of two bytes can make it one byte shorter."""
    limit = BYTES.get(column)
    return limit is not None and len(text.encode()) in (limit, limit - 1) and text[-1:].isalpha()


def complete(matcher: Matcher, column: Column, text: str, found: list[Match]) -> list[Match]:
    """Matches for a cut last word (with up to two words before it) where exactly one value can continue it."""
    words = tokens(text)
    if not words or not cut_off(column, text) or len(words[-1].word) < SHORTEST_CUT:
        return []
    segment = segments(text)[-1]
    if any(m.end == len(text) for m in found):
        return []
    for count in (3, 2, 1):
        tail = [w for w in words[-count:] if w.start >= segment.start]
        if len(tail) != count:
            continue
        for section in COMPLETED:
            values = matcher.completions([w.word for w in tail], section)
            if len(values) == 1:
                return [Match(section, values.pop(), column, tail[0].start, tail[-1].end, len(text) - tail[0].start)]
    return []
