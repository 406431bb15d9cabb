"""German-English training pairs: real fashion queries, composed sentences, shorthand and single terms."""

import csv
import hashlib
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from models.starter.corpus.articles import sample
from models.starter.corpus.listings import listings
from models.starter.corpus.telling import Pair
from models.starter.corpus.wording import Rng, chosen, colour_code, words
from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon

TERMS = ("pattern", "neckline", "sleeve", "closure", "fit", "features", "materials", "colours", "motif", "product_type")
QUERIES = Path("fashion_de_en") / "pairs.tsv"


def queries(data: Path, held_out: bool) -> list[Pair]:
    """Pairs of the crowd-sourced queries; a tenth, by hash of the German text, is held out."""
    with (data / QUERIES).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    pairs = ((" ".join(row["German query"].split()), " ".join(row["English query"].split())) for row in rows)
    return [pair for pair in dict.fromkeys(pairs) if all(pair) and is_held_out(pair[0]) == held_out]


def is_held_out(german: str) -> bool:
    """Whether a German text belongs to the held-out tenth."""
    return int(hashlib.sha256(german.encode()).hexdigest(), 16) % 10 == 0


def composed(seed: int, unseen: bool = False) -> Iterator[Pair]:
    """Endless sentences, names and bullets of composed listings; a tenth of the sentences is held out by hash.

    `unseen` gives only sentences from held-out templates.
    """
    for listing in listings(seed, unseen):
        for german, english in listing.pairs:
            if unseen or zlib.crc32(german.encode()) % 10:
                yield german, english


def held_out_sentences(count: int) -> list[Pair]:
    """Distinct sentences of seen templates that training leaves out by their hash: unseen combinations."""
    found = (pair for listing in listings(990) for pair in listing.pairs if zlib.crc32(pair[0].encode()) % 10 == 0)
    return list(islice(_distinct(found), count))


def unseen_templates(count: int) -> list[Pair]:
    """Distinct sentences from templates that training never sees."""
    return list(islice(_distinct(composed(991, unseen=True)), count))


def shorthand(rng: Rng) -> Pair:
    """A line of retail shorthand and the words it stands for."""
    article = sample(rng)
    pieces = [(str(chosen(rng, fact.codes)), fact.english_phrase("none")) for fact in article.facts if fact.codes]
    pieces += [(colour_code(rng, value), value) for value, _ in article.colours]
    pieces += [(code, code) for code in [str(chosen(rng, words()["codes"]["noise"]))] if rng.random() < 0.5]
    pieces = [pieces[int(place)] for place in rng.permutation(len(pieces))][:6]
    gap = str(chosen(rng, [",", ", "]))
    return gap.join(code for code, _ in pieces), ", ".join(english for _, english in pieces)


def terms() -> list[Pair]:
    """Single terms of the lexicon with the canonical value as prompts say it."""
    phrase = vocabulary().phrase
    pairs = [
        (form, phrase(value))
        for section in TERMS
        for value, forms in lexicon("de").words(section).items()
        for form in forms
        if len(form) > 2
    ]
    return [*pairs, *((german[:1].upper() + german[1:], english) for german, english in pairs)]


def _distinct(pairs: Iterator[Pair]) -> Iterator[Pair]:
    seen: set[str] = set()
    for german, english in pairs:
        if german not in seen:
            seen.add(german)
            yield german, english


def mixture(data: Path, seed: int) -> Iterator[Pair]:
    """The training stream: 45 % queries, 43 % composed sentences, 6 % shorthand, 6 % terms."""
    rng = np.random.default_rng(seed)
    real, single, sentences = queries(data, held_out=False), terms(), composed(seed + 1)
    while True:
        draw = rng.random()
        if draw < 0.45:
            yield chosen(rng, real)
        elif draw < 0.88:
            yield next(sentences)
        else:
            pair = shorthand(rng) if draw < 0.94 else chosen(rng, single)
            if pair[0]:
                yield pair
