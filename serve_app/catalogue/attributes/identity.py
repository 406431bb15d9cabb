"""Brand ("T-Shirt von X") and licensed characters: read for the record, never for a picture."""

import re
from collections.abc import Iterator

from serve_app.catalogue.claims import Claim, claim, spanned
from serve_app.catalogue.lexicon import Token
from serve_app.catalogue.reading import Reading

SPOKEN = ("description", "name")
LONGEST = 4  # words of a brand
FAR = 12  # words between the article and "von X"
ARTICLES = frozenset({"das", "dieses", "der", "dieser", "die", "diese", "ein", "eine"})
KNOWN = ("audience", "product_type", "materials", "features", "sleeve", "pattern")
NOT_BRANDS = frozenset({"der", "die", "das", "dem", "den", "hoher", "höchster", "bester"})


def characters(reading: Reading) -> list[Claim]:
    """Names of characters that somebody else owns."""
    return [claim(reading.listing, m) for m in reading.of("licensed_character")]


def brand(reading: Reading) -> list[Claim]:
    """The first name after "von" behind a product word of the copy, or between an article and the product word."""
    for find in (_after_von, _before_product):
        for column in SPOKEN:
            for run in find(reading, column):
                span = (column, run[0].start, run[-1].end)
                return [spanned(reading.listing, "brand", reading.text(column)[span[1] : span[2]], span)]
    return []


def _after_von(reading: Reading, column: str) -> Iterator[list[Token]]:
    text, words = reading.text(column), reading.words[column]
    products = [m.start for m in reading.of("product_type", column)]
    for index, word in enumerate(words):
        if word.word == "von" and _behind_product(products, words, index, text):
            run = _name(text, words[index + 1 :])
            if run:
                yield run


def _before_product(reading: Reading, column: str) -> Iterator[list[Token]]:
    text, words = reading.text(column), reading.words[column]
    for index, word in enumerate(words[:-1]):
        if word.word in ARTICLES and word.capital and words[index + 1].capital:
            run = _until_product(text, words[index + 1 :], reading, column)
            if run:
                yield run


def _behind_product(products: list[int], words: list[Token], index: int, text: str) -> bool:
    near = words[max(0, index - FAR) : index]
    start = near[0].start if near else 0
    between = text[start : words[index].start]
    if re.search(r"[.!?](?=\s)", between):
        start += max(m.end() for m in re.finditer(r"[.!?](?=\s)", between))
    last = words[index - 1].word if index else ""
    return not re.fullmatch(r"\w*(?:druck|prints?|motiv|foto)", last) and any(
        start <= p < words[index].start for p in products
    )


def _name(text: str, words: list[Token]) -> list[Token]:
    run: list[Token] = []
    for word in words[:LONGEST]:
        if run and text[run[-1].end : word.start] not in {" ", "-", "&", " & ", "'", "’"}:
            break
        if not word.capital and (run or word.word in NOT_BRANDS):
            break
        run.append(word)
        if not word.capital:
            break
    return run


def _until_product(text: str, words: list[Token], reading: Reading, column: str) -> list[Token]:
    """ "Das Reward Herren-Hemd": names before the first word that the lexicon knows."""
    known = [(m.start, m.end) for section in KNOWN for m in reading.of(section, column)]
    run: list[Token] = []
    for word in words[: LONGEST + 1]:
        if any(start <= word.start < end for start, end in known):
            hit = any(m.start >= word.start and m.start - word.start < 30 for m in reading.of("product_type", column))
            return run if hit else []
        if not word.capital or (run and text[run[-1].end : word.start] != " "):
            return []
        run.append(word)
    return []
