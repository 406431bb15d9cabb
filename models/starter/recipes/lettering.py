"""Lines of lettering on drawings, as the catalogue sets them, each with what it says."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from models.domain import Box, Mask, Picture, Pixels
from models.lettering import SetLine, lettered, width_of
from models.ppocr.crops import crop
from models.starter.recipes.gallery import Gallery

CORPUS = Path(__file__).parents[1] / "corpus"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ACCENTED = "äöüßáàâçéèêíñóôú"
DIGITS, SIGNS = "0123456789", "!\"#%&'()*+,-./:;?@"
CHARACTERS = (
    "blank",
    *LETTERS.upper(),
    *(letter if letter == "ß" else letter.upper() for letter in ACCENTED),
    *DIGITS,
    *SIGNS,
    " ",
)
HELD_OUT = 0.15  # of the words, by their hash: the evaluation's
MADE_UP = 0.3  # of the words in training: letters in any order, so that shapes are learnt and not words
TEXTS = 4  # on the same cloth one after the other: to soften it takes longer than to set a text
PLAIN = 0.06  # of the pictures: nothing is set, nothing is read
SIZES = (1.0, 0.75)  # of the place, as the catalogue sets text
SOFT = 1.1  # largest blur of the cloth, pixels: what an autoencoder leaves of a drawing
SPREAD = 6.0  # largest noise, levels
SHIFTED = 1  # pixels by which a line's box may be off
LEAST = 5  # pixels: nobody reads a line that is lower or narrower, as a lone hyphen is


@dataclass(frozen=True)
class Line:
    """A line cut out of its picture, uint8 (height, width, 3), and what it says; letters without case.

    `places`: start and end of each letter, in shares of the width.
    """

    pixels: Pixels
    says: str
    places: tuple[tuple[float, float], ...]


def upper(text: str) -> str:
    """Without case, letter by letter: an ß stays one."""
    return "".join(letter if letter == "ß" else letter.upper() for letter in text)


@cache
def words(held_out: bool) -> tuple[str, ...]:
    """Every word of the corpus, without those of the other side."""
    found: set[str] = set()
    for file in ("words", "nouns", "sentences"):
        found.update(re.findall(r"[A-Za-zÄÖÜäöüß']{2,14}", (CORPUS / f"{file}.toml").read_text("utf-8")))
    plain = {word.strip("'").lower() for word in found} - {""}
    return tuple(sorted(word for word in plain if _held_out(word) is held_out))


def _held_out(word: str) -> bool:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") < HELD_OUT * 2**32


def text(rng: np.random.Generator, known: Sequence[str], made_up: float = 0.0) -> str:
    """One to four words in one of three spellings."""
    some = [_made_up(rng) if rng.random() < made_up else str(rng.choice(known)) for _ in range(int(rng.integers(1, 5)))]
    style = rng.random()
    if style < 0.35:
        return " ".join(word.replace("ß", "ss").upper() for word in some)
    return " ".join(word[:1].upper() + word[1:] for word in some) if style < 0.7 else " ".join(some)


def _made_up(rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.15:
        return "".join(rng.choice(list(DIGITS), int(rng.integers(1, 5))))
    pool = list(LETTERS * 8 + ACCENTED[:4] * 4 + ACCENTED)
    word = "".join(rng.choice(pool, int(rng.integers(1, 10))))
    return word + str(rng.choice(list(SIGNS))) if kind < 0.35 else word


def lines(drawings: Gallery, rng: np.random.Generator) -> Iterator[Line]:
    """Without end, of the words that are not held out."""
    known = words(held_out=False)
    while True:
        row = int(rng.integers(len(drawings.garments)))
        cloth, mask = softened(drawings.pictures[row], rng), Mask(np.asarray(drawings.masks[row]), 1.0)
        for _ in range(TEXTS):
            found = lettered(cloth, mask, text(rng, known, MADE_UP), float(rng.choice(SIZES)))
            for one in found.lines:
                if min(_size(one.box)) >= LEAST:
                    yield _line(one, cloth if rng.random() < PLAIN else found.picture, cloth, rng)


def _line(one: SetLine, picture: Picture, cloth: Picture, rng: np.random.Generator) -> Line:
    pixels = noisy(crop(picture, _moved(one.box, picture, rng)), rng)
    return Line(pixels, "", ()) if picture is cloth else Line(pixels, upper(one.text), _places(one, pixels.shape[1]))


def _places(one: SetLine, wide: int) -> tuple[tuple[float, float], ...]:
    """As the letters of a line stand in a crop of that width, its ink in the middle."""
    ends = [width_of(one.text[:count]) for count in range(len(one.text) + 1)]
    ink = (one.box[2] - one.box[0]) / wide
    start, scale = (1 - ink) / 2, ink / ends[-1]
    return tuple((start + scale * left, start + scale * right) for left, right in pairwise(ends))


def softened(pixels: Pixels, rng: np.random.Generator) -> Picture:
    """A drawing as a renderer gives it: its detail a little lost."""
    image = Image.fromarray(np.asarray(pixels))
    return Picture(np.asarray(image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, SOFT))))))


def noisy(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """With a little noise."""
    noise = rng.normal(0, rng.uniform(0, SPREAD), pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def _moved(box: Box, picture: Picture, rng: np.random.Generator) -> Box:
    width, height = picture.size
    x0, y0, x1, y1 = (side + int(rng.integers(-SHIFTED, SHIFTED + 1)) for side in box)
    return max(0, x0), max(0, y0), min(width, x1), min(height, y1)
