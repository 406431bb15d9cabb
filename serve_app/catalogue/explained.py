"""Whether the lexicon has said all there is to say about a listing, so that no model needs to read it."""

from functools import cache

from models.vocabulary.lexicon import lexicon
from serve_app.catalogue.attributes import stated
from serve_app.catalogue.intake import WORDS
from serve_app.catalogue.lexicon import Match, matcher
from serve_app.catalogue.listing import Listing
from serve_app.catalogue.proposal import CLOSED, FREE, bare
from serve_app.catalogue.reading import CONNECTORS, Reading, read

LONGEST_FEATURE = 2  # content words; a model may call a "woven loop label" a woven label and add it
PROPOSED = frozenset({*CLOSED, *FREE, "colours", "features"})
ADDED_TO = frozenset({"features", "non_visual_claims"})  # what a model may add to although the decoders said something


def unexplained(listing: Listing, language: str = "de") -> list[str]:
    """Words that the lexicon does not know, and values that it knows without claiming them.

    Where there are none, whatever a model proposes says again what the ledger says already. Raises FileNotFoundError
    for a language without lexicon.
    """
    reading = read(listing, language)
    return [*_unknown(reading, language), *_unclaimed(reading)]


def _unknown(reading: Reading, language: str) -> list[str]:
    empty, known = _empty_words(language), [*matcher(language).read(reading.listing), *reading.matches]
    return [
        token.word
        for column, tokens in reading.words.items()
        for token in tokens
        if token.word not in empty
        and not token.word.isdigit()
        and not any(m.column == column and m.start <= token.start and token.end <= m.end for m in known)
    ]


def _unclaimed(reading: Reading) -> list[str]:
    claims, _ = stated(reading)
    said, decided = {(c.attribute, c.value) for c in claims}, {c.attribute for c in claims}

    def open_(match: Match) -> bool:
        if match.section == "features" and len(bare(match.value)) > LONGEST_FEATURE:
            return True
        may_be_added = match.section in ADDED_TO or match.section not in decided
        return match.section in PROPOSED and may_be_added and (match.section, match.value) not in said

    return [match.value for match in reading.matches if open_(match)]


@cache
def _empty_words(language: str) -> frozenset[str]:
    """Words that state nothing by themselves."""
    listed = lexicon(language).words("function_words").get("words", ())
    return WORDS.get(language, frozenset()) | WORDS["en"] | CONNECTORS | set(listed)
