"""Does the picture say what the listing says? The stated motif text against what a reader reads on the picture.

Compared are letters and digits without case and accents: spaces and signs are what readers and typesetters differ in.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from models.domain import Refusal
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict.evidence import Evidence

NOT_STATED = ("the listing states no text", "die Beschreibung nennt keinen Text")
NOT_READ = ("the text was not read", "der Text wurde nicht gelesen")
SIGNS_ONLY = ("the stated text has no letters to compare", "der genannte Text hat keine vergleichbaren Buchstaben")


def motif_text(evidence: Evidence) -> Finding:
    """The share of the stated text that stands on the picture, at best among all runs of words that were read."""
    stated, reading = evidence.attributes.motif_text, evidence.reading
    if not stated:
        return _unknown(NOT_STATED)
    if reading is None:
        return _unknown(NOT_READ)
    if isinstance(reading, Refusal):
        return _unknown((f"not read: {reading.reason}", f"nicht gelesen: {reading.reason}"))
    if not compared(stated):
        return _unknown(SIGNS_ONLY)
    said = " ".join(line.text for line in reading).strip()
    share, limit = likeness(stated, said), evidence.thresholds.text_likeness
    reason, reason_de = (
        (f"reads {said!r}", f"lautet „{said}“") if said else ("no text is legible", "kein Text ist lesbar")
    )
    return Finding(
        state="pass" if share >= limit else "fail",
        expected=stated,
        value=round(share, 3),
        threshold=limit,
        unit="share of the letters",
        reason=reason,
        reason_de=reason_de,
    )


def likeness(stated: str, said: str) -> float:
    """1 less the edit distance over the stated length, 0-1; whatever else is said around a run of words is left out."""
    wanted = compared(stated)
    words = [word for word in map(compared, said.split()) if word]
    best = min((distance(wanted, run) for run in _runs(words, 2 * len(wanted))), default=len(wanted))
    return max(0.0, 1.0 - best / max(1, len(wanted)))


def compared(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def distance(one: str, other: str) -> int:
    """Letters to insert, leave out or replace that turn one into the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one):
        above, row = row, [place + 1]
        for column, rival in enumerate(other):
            row.append(min(above[column] + (letter != rival), above[column + 1] + 1, row[column] + 1))
    return row[-1]


def _runs(words: Sequence[str], longest: int) -> Iterator[str]:
    """Every run of words that is not much longer than what is looked for."""
    for start in range(len(words)):
        run = ""
        for word in words[start:]:
            run += word
            yield run
            if len(run) > longest:
                break


def _unknown(reason: tuple[str, str]) -> Finding:
    return Finding(state="unknown", reason=reason[0], reason_de=reason[1])
