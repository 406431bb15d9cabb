"""What a print shows and says: subjects from the lexicon, lettering verbatim from quotes or the buyer's entry."""

import re
from collections.abc import Iterator

from serve_app.catalogue.claims import Claim, claim, spanned
from serve_app.catalogue.lexicon import Match, Token, matcher
from serve_app.catalogue.listing import Column
from serve_app.catalogue.reading import Reading
from serve_app.catalogue.shorthand import cut_off

QUOTED = re.compile(r"[\"„“”»«]([^\"„“”»«\n]{2,80})[\"“”«»]|(?<!\w)[‚'‘]([^'‘’\n]{2,80})[‘'’](?!\w)")
SAYS = re.compile(r"schriftzug|slogan|aufschrift|statement|wording|lettering|text|spruch|worten?")
PRINTS = re.compile(r"\w*(?:druck(?:en?)?|prints?|motiv(?:en?)?|stickerei(?:en)?|applikation(?:en)?)")
SHOWS = re.compile(PRINTS.pattern + r"|designs?|fronts?|aop|allover")
GERMAN = re.compile(r".*[äöüß].*|.*(?:ung|keit|heit|chen|lein|schaft|tier|tiere|figur|figuren)")
ADJECTIVES = re.compile(
    r"(?:bunt|lustig|klein|niedlich|frech|schick|modisch|grafisch|trendig|fancy|zwei|drei)\w{0,2}|(?:gro|sü)ß\w*"
)
KNOWN = (
    "pattern", "features", "neckline", "sleeve", "materials", "product_type", "fit", "length", "closure",
    "colour_roles", "colours", "motif", "audience", "multi_colour_offer",
)  # fmt: skip
SPOKEN: tuple[Column, ...] = ("description", "name", "model_descr")
PEOPLE = frozenset({"girl", "boy"})


def subjects(reading: Reading) -> Iterator[tuple[Match, str]]:
    """Motif matches whose kind makes a pattern: (match, "animal" or "floral")."""
    kinds = matcher().sections["motif_kinds"]
    for match in shown(reading):
        for kind, values in kinds.items():
            if match.value in values:
                yield match, kind


def shown(reading: Reading) -> list[Match]:
    """Motif words that a print shows: after "Druck" in the buyer's entry, or in a sentence about a print or design."""
    found: list[Match] = []
    for match in reading.of("motif", "name", "description", "model_descr"):
        text = reading.text(match.column)
        start, end = reading.sentence(match)
        around = [w for w in reading.words[match.column] if start <= w.start < end]
        compound = PRINTS.fullmatch(text[match.start : match.end].lower())
        if compound or any(SHOWS.fullmatch(w.word) for w in around) or _pack_entry(reading, match):
            found.append(match)
    return found


def _pack_entry(reading: Reading, match: Match) -> bool:
    """Whether the buyer's entry gives the motif beside a colour ("grün Faultier")."""
    before = reading.words_before(match, 1)
    colours = reading.of("colours", match.column)
    return match.column == "model_descr" and bool(before) and any(c.end == before[0].end for c in colours)


def motif(reading: Reading) -> list[Claim]:
    """The subjects that the buyer's entry lists, else those of the copy; one claim per subject."""
    matches = shown(reading)
    entry = [m for m in matches if m.column == "model_descr" and (m.value not in PEOPLE or _after_print(reading, m))]
    copy = [m for m in matches if m.column != "model_descr" and m.value not in PEOPLE]
    chosen = entry or copy
    if any(m.value not in {"animals", "lettering", "graphic"} for m in chosen):
        chosen = [m for m in chosen if m.value not in {"animals", "graphic"}]
    return [claim(reading.listing, m) for m in chosen]


def _after_print(reading: Reading, match: Match) -> bool:
    text = reading.text(match.column)
    return any(PRINTS.fullmatch(w.word) for w in reading.words[match.column] if w.end <= match.start) and bool(text)


def motif_text(reading: Reading) -> list[Claim]:
    """The words on the garment, verbatim: quoted, after "Schriftzug", or left over after "Druck" in the shorthand."""
    quotes = [c for column in SPOKEN for c in _quoted(reading, column)]
    return quotes or _after_says(reading) or _left_over(reading)


def _quoted(reading: Reading, column: str) -> list[Claim]:
    text = reading.text(column)
    said: list[Claim] = []
    for found in QUOTED.finditer(text):
        group = 1 if found[1] else 2
        start, end = found.span(group)
        around = [w.word for w in reading.words[column] if found.start() - 60 <= w.start <= found.end() + 40]
        announced = any(SAYS.fullmatch(w.word) for words in reading.words.values() for w in words)
        if announced or any(PRINTS.fullmatch(w) or SAYS.match(w) for w in around):
            said.append(spanned(reading.listing, "motif_text", text[start:end].strip(), (column, start, end)))
    return said


def _after_says(reading: Reading) -> list[Claim]:
    """ "Schriftzug Dream Journey": the capitalised words that follow."""
    for column in SPOKEN:
        text, words = reading.text(column), reading.words[column]
        for index, word in enumerate(words):
            run = _names(text, words[index : index + 7])[1:] if SAYS.fullmatch(word.word) else []
            printed = [w for w in run if not _known(reading, w, KNOWN, column)]
            if printed and not PRINTS.fullmatch(run[0].word):
                span = (column, run[0].start, run[-1].end)
                return [spanned(reading.listing, "motif_text", text[span[1] : span[2]], span)]
    return []


def _names(text: str, words: list[Token]) -> list[Token]:
    run: list[Token] = []
    for word in words:
        if not word.capital or (run and text[run[-1].end : word.start] not in {" ", "'", "’", "-"}):
            break
        run.append(word)
    return run


def _left_over(reading: Reading) -> list[Claim]:
    """Runs of words after a print word that no German entry explains."""
    column: Column = "model_descr"
    text, words = reading.text(column), reading.words[column]
    first = next((w for w in words if PRINTS.fullmatch(w.word)), None)
    start = first.end if first else _pack_start(reading)
    if start is None:
        return []
    tail = [w for w in words if w.start >= start]
    if tail and cut_off(column, text) and len(tail[-1].word) < 4:
        tail = tail[:-1]
    runs = list(_runs(reading, text, tail))
    first_run = next((i for i, run in enumerate(runs) if _lettering(run, reading)), None)
    if first_run is None:
        return []
    merged = [runs[first_run]]
    for run in runs[first_run + 1 :]:
        if text[merged[-1][-1].end : run[0].start].strip() != "," or not all(w.capital for w in run):
            break
        merged.append(run)
    span = (column, merged[0][0].start, merged[-1][-1].end)
    return [spanned(reading.listing, "motif_text", text[span[1] : span[2]], span)]


def _pack_start(reading: Reading) -> int | None:
    """In a pack without the word "Druck", the lettering can follow the first motif."""
    packs = any(m.value in {"2-pack", "3-pack"} for m in reading.of("features"))
    motifs = [m.end for m in reading.of("motif", "model_descr")]
    return motifs[0] if packs and motifs else None


def _runs(reading: Reading, text: str, words: list[Token]) -> Iterator[list[Token]]:
    """Neighbouring words that are no German vocabulary; an English word ("green") may be part of a slogan."""
    run: list[Token] = []
    for word in words:
        apart = run and not re.fullmatch(r"[ '’&-]{1,3}", text[run[-1].end : word.start])
        if apart or _explained(reading, word):
            if run:
                yield run
            run = []
        if not _explained(reading, word):
            run.append(word)
    if run:
        yield run


def _explained(reading: Reading, word: Token) -> bool:
    """Whether the word describes instead of being printed."""
    if word.word in _slogans("words"):
        return False
    if any(kind.fullmatch(word.word) for kind in (PRINTS, ADJECTIVES, GERMAN)) or word.word[0].isdigit():
        return True
    return _known(reading, word, KNOWN)


def _known(reading: Reading, word: Token, sections: tuple[str, ...], column: Column = "model_descr") -> bool:
    return any(m.start <= word.start and word.end <= m.end for s in sections for m in reading.of(s, column))


def _lettering(run: list[Token], reading: Reading) -> bool:
    """Whether a run is a slogan or a list of names; function words at its ends are taken off first."""
    function = _slogans("function")
    while run and run[0].word in function:
        run.pop(0)
    while run and run[-1].word in function:
        run.pop()
    if not run:
        return False
    if any(w.word in _slogans("words") for w in run):
        return len(run) > 1 or (run[0].capital and not _known(reading, run[0], ("motif", "colours")))
    return len(run) > 1 and all(w.capital for w in run)


def _slogans(group: str) -> tuple[str, ...]:
    return matcher().sections["slogans"][group]
