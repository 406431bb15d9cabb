"""Which rows cannot become pictures: each refusal has a stable code and says what to do; none stops a run."""

import re
from collections import Counter
from collections.abc import Mapping

from models.domain import Refusal
from serve_app.catalogue.listing import COLUMNS, Column, Listing

# Characters; ten times what the longest real listings hold, so that a pasted document is refused and no listing is.
LONGEST: dict[Column, int] = {"name": 400, "description": 20_000, "model_name": 400, "model_descr": 1000}
FEWEST_FUNCTION_WORDS = 4  # fewer do not tell a language
# Function words that the other languages of the list do not share.
FUNCTION_WORDS = {
    "de": "der die das und mit ist für von ein eine dieses diese dem den sich aus bei zum zur nicht auch wird durch",
    "en": "the and with is for of this that from are by you your it its has to made",
    "fr": "le les des et avec est pour une ce cette dans qui sur vous votre du au aux sont par plus",
    "es": "el los las con es para una este esta del que por su sus y muy más como se lo",
    "it": "il gli della con è per una questo questa che di nel dalla sono alla più come",
    "nl": "het een van met voor deze dit dat zijn ook naar bij uit wordt niet",
    "pl": "jest dla oraz się nie na ze przez który która ten jak ich",
    "tr": "ve bir için ile bu olan çok daha gibi",
}
WORDS = {language: frozenset(words.split()) for language, words in FUNCTION_WORDS.items()}
UNDERSTOOD = frozenset({"de", "en"})  # German sheets use English words; other languages come by configuration
INJECTION = re.compile(
    r"(?:ignor|vergiss|vergess|missacht|forget|disregard|override|überschreib)\w*\W+(?:\w+\W+){0,5}"
    r"(?:instruction|anweisung|vorgabe|prompt|regel|rules|context|kontext|befehl)"
    r"|\b(?:system|developer)[\s_-]*(?:prompt|message|nachricht)\b|\byou are now\b|\bdu bist (?:jetzt|nun|ab sofort)\b"
    r"|\bact as\b|\bpretend to be\b|\btu so,? als\b|\bverhalte dich (?:wie|als)\b|\bas an? (?:ai|language model)\b"
    r"|\b(?:neue|new) (?:anweisung|instruction|aufgabe|task)\w*\s*:|\bjailbreak\b|\bdan mode\b"
    r"|<\|\w+\|>|\[/?INST\]|<</?SYS>>|^\s*#{2,}\s*(?:system|instruction|user|assistant|anweisung)|\b(?:assistant|system|user)\s*:\s"
    r"|<\s*/?\s*(?:script|iframe|img|svg)\b|\{\{.*?\}\}|\$\{.*?\}|;\s*(?:drop|delete|insert|update)\s+(?:table|from|into)\b",
    re.IGNORECASE | re.MULTILINE,
)


def listing_of(row: Mapping[str, object]) -> Listing | Refusal:
    """A listing from a row's cells; missing cells are empty, numbers are text, anything else is of the wrong type."""
    texts: dict[str, str] = {}
    for column in COLUMNS:
        value = row.get(column)
        if value is None:
            texts[column] = ""
        elif isinstance(value, str):
            texts[column] = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            texts[column] = str(int(value) if isinstance(value, float) and value.is_integer() else value)
        else:
            return Refusal("wrong_type", f"{column} holds a {type(value).__name__}; give a text")
    return Listing(**texts)


def refused(listing: Listing, language: str = "de") -> Refusal | None:
    """Why a listing cannot become a picture, or None: empty, too_long, not_text, injection or other_language."""
    for column, text in listing.columns():
        if len(text) > LONGEST[column]:
            return Refusal("too_long", f"{column} has {len(text)} characters; {LONGEST[column]} are read at most")
    whole = "\n".join(text for _, text in listing.columns())
    if not whole.strip():
        return Refusal("empty", "all four columns are empty; give at least a name")
    letters = sum(char.isalpha() for char in whole)
    if not letters or "\x00" in whole or "\ufffd" in whole:
        return Refusal("not_text", "the columns hold no readable text; check the file's encoding")
    found = INJECTION.search(whole)
    if found:
        return Refusal("injection", f"{found[0][:40]!r} reads as an order to a machine, not as a listing; remove it")
    return _other_language(whole, letters, language)


def _other_language(text: str, letters: int, language: str) -> Refusal | None:
    latin = sum(char.isalpha() and ord(char) < 0x250 for char in text)
    if latin * 2 < letters:
        return Refusal("other_language", f"most letters are not Latin; this service is configured for {language!r}")
    words = re.findall(r"[^\W\d_]+", text.lower())
    votes = Counter({code: sum(word in known for word in words) for code, known in WORDS.items()})
    guess, count = votes.most_common(1)[0]
    allowed = UNDERSTOOD | {language}
    if guess in allowed or count < FEWEST_FUNCTION_WORDS or count <= 2 * max(votes[code] for code in allowed):
        return None
    return Refusal("other_language", f"the text reads as {guess!r}; this service is configured for {language!r}")
