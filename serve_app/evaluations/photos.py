"""The verdict's colour on catalogue photographs that name their colour: how often it agrees, and what it confuses."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.domain import Attributes, Colour, Mask, Picture
from serve_app.catalogue.verdict import Evidence, Thresholds, colour

NAME = re.compile(r"[mw](?P<kind>[a-z])\d+-(?P<colour>[a-z]+)_(?P<view>\w+)")
WORDS = {"gray": "grey", "lavender": "light purple"}  # the shop's words that the vocabulary says otherwise
SIDE = 512  # pixels of the longer side that is looked at
WHITE = 245  # a pixel with a darker channel shows the model or the garment
# Of the box of what is not white: (first row, last row, first column, last column) where a garment of the kind lies.
TOP, BOTTOM = (0.40, 0.80, 0.30, 0.70), (0.25, 0.65, 0.20, 0.80)


@dataclass(frozen=True)
class Photo:
    """A photograph, the region of its garment, and the colour that its file name states."""

    name: str
    picture: Picture
    region: Mask
    colour: str


def evaluate(data: Path) -> dict[str, Any]:
    """Share of right names that pass, share of wrong names that pass, and the nearest name per stated one."""
    photos = list(_photos(data / "catalogue_photos" / "images"))
    words = sorted({photo.colour for photo in photos})
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    agreed, wrong_passed, misses = 0, 0, []
    for photo in photos:
        passed = {word: colour.check(_evidence(photo, word)).state == "pass" for word in words}
        agreed += passed[photo.colour]
        wrong_passed += sum(passed.values()) - passed[photo.colour]
        nearest = _nearest(photo, words)
        confusion[photo.colour][nearest] += 1
        if not passed[photo.colour]:
            misses.append(f"{photo.name}: {nearest}")
    return {
        "photos": len(photos),
        "agrees": round(agreed / len(photos), 4),
        "nearest name is the stated one": round(sum(row[word] for word, row in confusion.items()) / len(photos), 4),
        "wrong names passed": round(wrong_passed / (len(photos) * (len(words) - 1)), 4),
        "confusion": {word: dict(confusion[word].most_common()) for word in words},
        "disagrees": misses,
    }


def _evidence(photo: Photo, word: str) -> Evidence:
    attributes = Attributes(colours=(Colour(word),))
    return Evidence(photo.picture, photo.picture, photo.region, attributes, Thresholds())


def _nearest(photo: Photo, words: list[str]) -> str:
    evidence = _evidence(photo, photo.colour)
    tones = colour.tones(evidence)
    return min(words, key=lambda word: colour.read(evidence, word, tones).distance)


def _photos(folder: Path) -> Iterator[Photo]:
    for file in sorted(folder.glob("*.jpg")):
        named = NAME.fullmatch(file.stem)
        if named is None:
            continue
        with Image.open(file) as image:
            image.thumbnail((SIDE, SIDE))
            pixels = np.asarray(image.convert("RGB"))
        region = _region(pixels, BOTTOM if named["kind"] == "p" else TOP)
        yield Photo(file.stem, Picture(pixels), region, WORDS.get(named["colour"], named["colour"]))


def _region(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], part: tuple[float, float, float, float]) -> Mask:
    shown = pixels.min(axis=-1) < WHITE
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    top, bottom, left, right = part
    inside = np.zeros(shown.shape, bool)
    height, width = rows[-1] - rows[0], columns[-1] - columns[0]
    inside[
        rows[0] + round(top * height) : rows[0] + round(bottom * height),
        columns[0] + round(left * width) : columns[0] + round(right * width),
    ] = True
    return Mask((inside & shown).astype(np.uint8) * np.uint8(255), 1.0)
