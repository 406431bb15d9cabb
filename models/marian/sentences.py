"""Listing texts as sentences and the layout between them; joining them again gives the same text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_LAYOUT = re.compile(r"\s*\n\s*")
_BULLET = re.compile(r"^(?:[-–—•*·▪]\s+|\d{1,2}[.)]\s+)")
_STOP = re.compile(r"[.!?…]+[\"”“»«')\]]*\s+(?=[\"„“«»(\[]?[A-ZÄÖÜ0-9])")
_LAST_WORD = re.compile(r"(\S+)[.]$")
# Words that end in a full stop without ending a sentence; a number of one or two digits is an ordinal.
_ABBREVIATIONS = frozenset(
    """z.b z d.h u.a o.ä i.d.r ca inkl exkl bzw ggf evtl max min nr gr art st da la versch appli col cols mel slv usw
    etc tlg abb ausf farb vgl mind zzgl""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the layout (line breaks, bullet, spaces) that stood before it."""

    layout: str
    text: str


def sentences(text: str) -> list[Sentence]:
    """Sentences of all lines in order; what trails after the last one comes as a sentence with empty text."""
    found: list[Sentence] = []
    layout, start = "", 0
    for gap in [*_LAYOUT.finditer(text), None]:
        line = text[start : gap.start() if gap else len(text)]
        stripped = line.strip()
        bullet = _BULLET.match(stripped)
        mark = bullet.group() if bullet else ""
        layout += line[: len(line) - len(line.lstrip())] + mark
        for sentence in _of_line(stripped[len(mark) :]):
            found.append(Sentence(layout + sentence.layout, sentence.text))
            layout = ""
        layout += line[len(line.rstrip()) :] if stripped else ""
        if gap:
            layout, start = layout + gap.group(), gap.end()
    return [*found, Sentence(layout, "")] if layout else found


def halves(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Pieces that fit, cut at the comma, else the space, else the letter nearest to the middle; they join to `text`."""
    if fits(text) or len(text) < 2:
        return [text]
    middle = len(text) // 2
    inner = _cuts(r"[,;:]\s+", text) or _cuts(r"\s+", text)
    cut = min(inner, key=lambda place: abs(place - middle)) if inner else middle
    return halves(text[:cut], fits) + halves(text[cut:], fits)


def _cuts(gap: str, text: str) -> list[int]:
    return [match.end() for match in re.finditer(gap, text) if 0 < match.end() < len(text)]


def _of_line(line: str) -> list[Sentence]:
    found, start, layout = [], 0, ""
    for stop in _STOP.finditer(line):
        sentence = line[start : stop.end()]
        if _abbreviated(sentence.rstrip()):
            continue
        found.append(Sentence(layout, sentence.rstrip()))
        layout, start = sentence[len(sentence.rstrip()) :], stop.end()
    return [*found, Sentence(layout, line[start:])] if line[start:] else found


def _abbreviated(sentence: str) -> bool:
    last = _LAST_WORD.search(sentence)
    if last is None:
        return False
    word = last.group(1).lstrip('("„').lower()
    return word in _ABBREVIATIONS or bool(re.fullmatch(r"\d{1,2}|[a-zäöü]", word))
