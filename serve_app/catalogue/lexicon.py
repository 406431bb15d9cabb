"""Finds vocabulary in a listing, through inflection and German compounds; each match has its column and span."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon
from serve_app.catalogue.listing import SHORTHAND, Column, Listing

WORD = re.compile(r"\d+x?|[^\W\d_]+?(?:(?<=[a-zäöüß])(?=[A-ZÄÖÜ][a-zäöüß])|(?![^\W\d_]))")
GAP = re.compile(r"[ \t\xa0\-–./&+'’®]{0,3}")
WIDE_GAP = re.compile(r"[ \t\xa0\-–/&+,®]{0,3}")
ENDINGS = ("e", "en", "er", "es", "em", "n", "s")
SHORTEST_STEM = 3  # letters; shorter words take no endings, or "red" would read "reden"
UNCOMPILED = frozenset({"function_words", "implied", "motif_kinds", "motif_heads", "shades", "slogans"})
SKIP = 3  # words that "…" may stand for
ACCENTS = str.maketrans(
    "éèêëáàâãåóòôõúùûíìîïçñýøÉÈÊËÁÀÂÃÅÓÒÔÕÚÙÛÍÌÎÏÇÑÝØ", "eeeeaaaaaoooouuuiiiicnyoEEEEAAAAAOOOOUUUIIIICNYO"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text: folded spelling, span, and whether it starts with a capital."""

    word: str
    start: int
    end: int
    capital: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A canonical value found in a column; `text[start:end]` is its evidence."""

    section: str
    value: str
    column: Column
    start: int
    end: int
    depth: int = 0  # letters of the form that matched; tells "langarmshirt" from "-shirt" in one compound

    def covers(self, other: "Match") -> bool:
        """Whether the other match lies inside this one's span, in the same column."""
        return self.column == other.column and self.start <= other.start and other.end <= self.end

    def touches(self, other: "Match") -> bool:
        """Whether both share at least one character."""
        return self.column == other.column and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Form:
    """A source form, compiled: words after the first as (word, wide gap before it)."""

    section: str
    value: str
    rest: tuple[tuple[str, bool], ...] = ()
    exact: bool = False
    shorthand: bool = False
    capital: bool = False


def fold(text: str) -> str:
    """Lower case without accents, same length; umlauts and ß stay."""
    lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return lowered.translate(ACCENTS)


def tokens(text: str) -> list[Token]:
    """Words of a text; "DruckKatze" and "2xgrün" are two each."""
    folded = fold(text)
    return [Token(folded[m.start() : m.end()], m.start(), m.end(), m[0][0].isupper()) for m in WORD.finditer(text)]


@cache
def stems(word: str) -> tuple[str, ...]:
    """The word itself and without each ending that it may carry."""
    return (word, *(word[: -len(e)] for e in ENDINGS if word.endswith(e) and len(word) - len(e) >= SHORTEST_STEM))


def spellings(form: str) -> Iterator[str]:
    """The form as written, and with ae/oe/ue and ss for readers without umlauts."""
    yield form
    plain = form.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    if plain != form:
        yield plain
    if "ß" in form:
        yield form.replace("ß", "ss")


class Matcher:
    """A compiled lexicon; compounds are looked up by head (end), start and inner part."""

    def __init__(self, language: str) -> None:
        self.sections = lexicon(language).sections
        self._motif_heads = tuple(word for words in self.sections.get("motif_heads", {}).values() for word in words)
        self._whole: dict[str, list[Form]] = defaultdict(list)
        self._head: dict[str, list[Form]] = defaultdict(list)
        self._start: dict[str, list[Form]] = defaultdict(list)
        self._inner: dict[str, list[Form]] = defaultdict(list)
        self._seen: dict[str, tuple[tuple[Form, str], ...]] = {}
        for section, values in self.sections.items():
            if section in UNCOMPILED:
                continue
            for value, forms in values.items():
                for form in forms:
                    self._add(section, value, form)
        self._add_shades()

    def find(self, column: Column, text: str) -> list[Match]:
        """Longest matches of every section; inside a section they do not overlap."""
        words = tokens(text)
        found = [match for index in range(len(words)) for match in self._at(index, words, column, text)]
        return longest(found)

    def read(self, listing: Listing) -> list[Match]:
        """Matches of all columns."""
        return [match for column, text in listing.columns() for match in self.find(column, text)]

    def completions(self, words: list[str], section: str) -> set[str]:
        """Values of a section whose forms begin with these words, the last one possibly cut off."""
        *first, last = words
        if not first:
            return {f.value for key, forms in self._whole.items() if key.startswith(last) for f in forms
                    if f.section == section and not f.rest}  # fmt: skip
        wanted = tuple(first[1:])
        return {
            f.value
            for f in self._whole.get(first[0], ())
            if f.section == section and len(f.rest) == len(first)
            and tuple(w for w, _ in f.rest[:-1]) == wanted and f.rest[-1][0].startswith(last)
        }  # fmt: skip

    def _add(self, section: str, value: str, raw: str) -> None:
        form = raw.strip("-").lstrip("=#")
        capital = form[:1].isupper()
        for spelling in spellings(fold(form)):
            parts: list[tuple[str, bool]] = []
            wide = False
            for piece in re.findall(r"…|\d+x?|[^\W\d_]+", spelling):
                if piece == "…":
                    wide = True
                else:
                    parts.append((piece, wide))
                    wide = False
            self._register(Form(section, value, tuple(parts[1:]), raw[0] in "=#", raw[0] == "#", capital), parts, raw)

    def _register(self, form: Form, parts: list[tuple[str, bool]], raw: str) -> None:
        self._whole[parts[0][0]].append(form)
        if any(wide for _, wide in parts):
            return
        joined = "".join(word for word, _ in parts)
        single = Form(form.section, form.value, (), form.exact, form.shorthand, form.capital)
        if len(parts) > 1 and not joined[0].isdigit():
            self._whole[joined].append(single)
        if raw.startswith("-"):
            self._head[joined].append(single)
        if raw.endswith("-"):
            self._start[joined].append(single)
        if raw.startswith("-") and raw.endswith("-"):
            self._inner[joined].append(single)

    def _add_shades(self) -> None:
        known = set(vocabulary().colours)
        for shade, words in self.sections.get("shades", {}).items():
            for value, forms in self.sections.get("colours", {}).items():
                if value.startswith(("light ", "dark ")):
                    continue
                shaded = f"{shade} {value}" if f"{shade} {value}" in known else value
                for form in forms:
                    for word in words:
                        mark = "#" if word.startswith("#") else "=" if form.startswith("=") else ""
                        self._add("colours", shaded, f"{mark}{word.lstrip('=#')} {form.lstrip('=#')}")

    def _at(self, index: int, words: list[Token], column: Column, text: str) -> Iterator[Match]:
        token = words[index]
        for form, key in self._forms(token.word):
            if form.shorthand and column not in SHORTHAND:
                continue
            if form.capital and column not in SHORTHAND and not token.capital:
                continue
            if not form.rest:
                yield Match(form.section, form.value, column, token.start, token.end, len(key))
            elif key in (token.word, *stems(token.word)):
                last = follow(form, index, words, text)
                if last is not None:
                    end = words[last].end
                    yield Match(form.section, form.value, column, token.start, end, end - token.start)

    def _forms(self, word: str) -> tuple[tuple[Form, str], ...]:
        if word not in self._seen:
            if len(self._seen) > 100_000:  # a bound on memory; a sheet's vocabulary is far smaller
                self._seen.clear()
            self._seen[word] = tuple(self._look_up(word))
        return self._seen[word]

    def _look_up(self, word: str) -> Iterator[tuple[Form, str]]:
        for key in stems(word):
            yield from ((f, key) for f in self._whole.get(key, ()) if key == word or not (f.exact and not f.rest))
        for cut in range(2, len(word) - 2):
            for key in stems(word[cut:]):
                yield from ((f, key) for f in self._head.get(key, ()))
            yield from ((f, word[:cut]) for f in self._start.get(word[:cut], ()) if self._may_begin(f, word[cut:]))
            for end in range(cut + 4, len(word) - 1):
                yield from ((f, word[cut:end]) for f in self._inner.get(word[cut:end], ()))
        yield from ((f, word[:-2]) for f in self._start.get(word[:-2], ()) if self._may_begin(f, word[-2:]))

    def _may_begin(self, form: Form, remainder: str) -> bool:
        if form.section != "motif":
            return True
        return any(remainder in {head, f"s{head}", f"n{head}", f"en{head}"} for head in self._motif_heads)


def follow(form: Form, index: int, words: list[Token], text: str) -> int | None:
    """Index of the form's last word if its words follow `index` with the gaps that the form allows."""
    for wanted, wide in form.rest:
        reach = SKIP + 1 if wide else 1
        gap = WIDE_GAP if wide else GAP
        for step in range(1, reach + 1):
            here = index + step
            if here >= len(words) or not gap.fullmatch(text, words[here - 1].end, words[here].start):
                return None
            if wanted == words[here].word or (not form.exact and wanted in stems(words[here].word)):
                index = here
                break
        else:
            return None
    return index


def longest(matches: Iterable[Match]) -> list[Match]:
    """Matches that no longer one of the same section overlaps, in reading order.

    On equal spans the longer form wins, except in `pattern`, where a compound may state two ("Glitterdruck").
    """
    kept: list[Match] = []
    for match in sorted(set(matches), key=lambda m: (m.start - m.end, -m.depth, m.start, m.value)):
        rivals = [k for k in kept if k.section == match.section and k.touches(match)]
        same = all((k.start, k.end) == (match.start, match.end) for k in rivals)
        if same and (match.section == "pattern" or all(k.depth == match.depth for k in rivals)):
            kept.append(match)
    return sorted(kept, key=lambda m: (m.start, -m.end))


@cache
def matcher(language: str = "de") -> Matcher:
    """The compiled lexicon of a language; raises FileNotFoundError when there is none."""
    return Matcher(language)
