"""How many wrong texts the verdict finds on drawings, and how many right ones it takes for wrong."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.domain import Attributes, Mask, Picture, ReadOrder
from models.lettering import Lettered, lettered
from models.manifest import Manifest
from models.ppocr.recipe import PpocrRecipe
from models.starter.evaluations.reader import drawing
from models.starter.recipes.lettering import LETTERS, text, words
from serve_app.catalogue.verdict import Evidence, Thresholds
from serve_app.catalogue.verdict.lettering import motif_text
from serve_app.evaluations.faulty import SEED, Options

COUNT = 200  # texts per fault
KEPT = 0.6  # of each line, where a text is cut off


@dataclass(frozen=True)
class Sheet:
    """A drawing without lettering, and the text that its listing states."""

    picture: Picture
    mask: Mask
    stated: str

    def saying(self, said: str) -> Lettered:
        return lettered(self.picture, self.mask, said)


Fault = Callable[[Sheet, np.random.Generator], Lettered | None]


def evaluate(options: Options) -> dict[str, Any]:
    """Per fault: share of fail, unknown and pass of the check of the motif text."""
    reader = PpocrRecipe(pack=options.pack, threads=options.threads).load()
    limits = Thresholds.model_validate(Manifest.read(options.pack / "manifest.toml").thresholds)
    rng, figures = np.random.default_rng(SEED + options.seed), dict[str, Any]()
    for name, fault in FAULTS.items():
        states: Counter[str] = Counter()
        while states.total() < (options.count or COUNT):
            sheet = Sheet(*drawing(rng), text(rng, words(held_out=True)))
            made = fault(sheet, rng)
            if made is None or not made.lines:
                continue
            boxes = tuple(line.box for line in made.lines)
            (reading,) = reader.read([ReadOrder(made.picture, boxes)])
            stated = Attributes(motif_text=sheet.stated)
            seen = Evidence(sheet.picture, made.picture, sheet.mask, stated, limits, lines=boxes, reading=reading)
            states[motif_text(seen).state] += 1
        figures[name] = {state: round(states[state] / states.total(), 4) for state in ("fail", "unknown", "pass")}
    return figures


def _right(sheet: Sheet, _: np.random.Generator) -> Lettered:
    return sheet.saying(sheet.stated)


def _other(sheet: Sheet, rng: np.random.Generator) -> Lettered | None:
    said = text(rng, words(held_out=True))
    return None if said.lower() == sheet.stated.lower() else sheet.saying(said)


def _missing(sheet: Sheet, _: np.random.Generator) -> Lettered:
    return Lettered(sheet.picture, sheet.saying(sheet.stated).lines)


def _word_missing(sheet: Sheet, _: np.random.Generator) -> Lettered | None:
    some = sheet.stated.split()
    longest = max(range(len(some)), key=lambda place: len(some[place]))
    left = [word for place, word in enumerate(some) if place != longest]
    return sheet.saying(" ".join(left)) if left else None


def _cut_off(sheet: Sheet, _: np.random.Generator) -> Lettered:
    """As if the garment ended within every line."""
    made = sheet.saying(sheet.stated)
    pixels = made.picture.pixels.copy()
    for line in made.lines:
        x0, y0, x1, y1 = line.box
        end = slice(round(x0 + KEPT * (x1 - x0)), x1)
        pixels[y0:y1, end] = sheet.picture.pixels[y0:y1, end]
    return Lettered(Picture(pixels), made.lines)


def _misspelt(sheet: Sheet, rng: np.random.Generator) -> Lettered:
    """A letter in three is another one."""
    letters = list(sheet.stated)
    places = [place for place, letter in enumerate(letters) if letter.isalpha()]
    for place in rng.choice(places, -(-len(places) // 3), replace=False):
        letters[place] = str(rng.choice([letter for letter in LETTERS if letter != letters[place].lower()]))
    return sheet.saying("".join(letters))


FAULTS: dict[str, Fault] = {
    "right": _right, "another text": _other, "no text": _missing, "longest word missing": _word_missing,
    "cut off": _cut_off, "every third letter wrong": _misspelt,
}  # fmt: skip
