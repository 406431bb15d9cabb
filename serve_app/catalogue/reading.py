"""A listing with everything the lexicon finds in it, and the questions that the attribute readers ask."""

import re
from dataclasses import dataclass

from serve_app.catalogue.lexicon import Match, Token, longest, matcher, tokens
from serve_app.catalogue.listing import SHORTHAND, Listing
from serve_app.catalogue.shorthand import complete

SENTENCE_END = re.compile(r"(?<!\d)[.!?](?=\s|$)|\n")
CLAUSE_END = re.compile(r"[,;:!?\n]|\.(?=\s|$)")
CONNECTORS = frozenset({"mit", "with", "w", "ohne", "und", "and", "für", "am", "an", "auf", "aus"})


@dataclass(frozen=True, slots=True)
class Reading:
    """`matches` are those that count: words in idioms and words inside longer feature phrases are taken out."""

    listing: Listing
    matches: tuple[Match, ...]
    words: dict[str, list[Token]]

    def of(self, section: str, *columns: str) -> list[Match]:
        """Matches of a section, in these columns or in all."""
        return [m for m in self.matches if m.section == section and (not columns or m.column in columns)]

    def text(self, column: str) -> str:
        """The column's text."""
        text: str = getattr(self.listing, column)
        return text

    def words_before(self, match: Match, count: int, border: re.Pattern[str] = CLAUSE_END) -> list[Token]:
        """Up to `count` words before the match inside its clause, nearest last."""
        text = self.text(match.column)
        near = [w for w in self.words[match.column] if w.end <= match.start][-count:]
        return [w for w in near if not border.search(text, w.end, match.start)]

    def words_after(self, match: Match, count: int, border: re.Pattern[str] = CLAUSE_END) -> list[Token]:
        """Up to `count` words after the match inside its clause, nearest first."""
        text = self.text(match.column)
        near = [w for w in self.words[match.column] if w.start >= match.end][:count]
        return [w for w in near if not border.search(text, match.end, w.start)]

    def sentence(self, match: Match) -> tuple[int, int]:
        """Span of the sentence or line that holds the match."""
        text = self.text(match.column)
        ends = [m.end() for m in SENTENCE_END.finditer(text)]
        start = max((e for e in ends if e <= match.start), default=0)
        return start, min((e for e in ends if e >= match.end), default=len(text))

    def within(self, section: str, column: str, start: int, end: int) -> list[Match]:
        """Matches of a section inside a span."""
        return [m for m in self.of(section, column) if start <= m.start and m.end <= end]


def read(listing: Listing, language: str = "de") -> Reading:
    """Everything that the lexicon of the language finds; raises FileNotFoundError for a language without one."""
    lexicon = matcher(language)
    found: list[Match] = []
    for column, text in listing.columns():
        here = lexicon.find(column, text)
        if column in SHORTHAND:
            here = longest([*here, *complete(lexicon, column, text, here)])
        found += here
    return Reading(listing, tuple(visible(found)), {column: tokens(text) for column, text in listing.columns()})


def implied(value: str, attribute: str) -> list[str]:
    """Values of an attribute that a feature always means."""
    head = f"{attribute}: "
    entries = matcher().sections["implied"].get(value, ())
    return [entry.removeprefix(head) for entry in entries if entry.startswith(head)]


def visible(found: list[Match]) -> list[Match]:
    """Without idioms, and without patterns, closures and fits that only name a part ("Kontraststreifen")."""
    idioms = [m for m in found if m.section == "ignored"]
    features = [m for m in found if m.section == "features"]
    return [
        m
        for m in found
        if m.section != "ignored"
        and not any(idiom.touches(m) for idiom in idioms)
        and not (
            m.section in {"pattern", "closure", "fit"} and any(f.covers(m) and f.depth > m.depth for f in features)
        )
    ]
