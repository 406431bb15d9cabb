"""Who wears it, what it is and how it is cut: audience, product type, sleeve, neckline, fit, closure, length."""

from collections import Counter
from collections.abc import Set
from dataclasses import replace

from models.vocabulary import vocabulary
from serve_app.catalogue.claims import Claim, Dropped, claim
from serve_app.catalogue.lexicon import Match
from serve_app.catalogue.reading import Reading, implied

Said = tuple[list[Claim], list[Dropped]]
# model_name is a coarse merchandise group, so it comes last; the name was written for the buyer, so it comes first.
RANK = {"name": 0, "description": 1, "model_descr": 2, "model_name": 3}
GENERIC = "jersey top"  # "Shirt" says nothing that a more precise word for the same article does not
SLEEVES = ("3/4", "sleeveless", "cap", "long", "short")  # 3/4 beats "langarm", which sheets use as a group name
PRECISE = ("crew with v-notch", "polo collar", "henley", "hood")  # contained in the type, or more than "round neck"


def audience(reading: Reading) -> Said:
    """The audience most often named in the copy; children of one sex are boys or girls, babies stay babies."""
    matches = [m for m in reading.of("audience") if not _in_motif(reading, m)]
    for columns in (("name", "description"), ("model_name", "model_descr")):
        votes = Counter(m.value for m in matches if m.column in columns)
        if not votes:
            continue
        value = _elect(votes, [m for m in matches if m.column == "name"])
        said = [claim(reading.listing, m) for m in matches if m.value == value]
        rivals = {m.value for m in matches} - {value, "unisex_kids"} - ({"boys", "girls"} if value == "baby" else set())
        return said, _overruled("audience", rivals, f"the copy names {value} more often", _told(matches))
    return [], []


def _elect(votes: Counter[str], names: list[Match]) -> str:
    if "baby" in votes:
        return "baby"
    ranked = {value: count for value, count in votes.items() if value != "unisex_kids"}
    if not ranked:
        return "unisex_kids"
    if len({value for value in ranked if value in {"boys", "girls"}}) == 2 and len(ranked) == 2:
        return "unisex_kids"
    named = {m.value for m in names}
    return max(ranked, key=lambda value: (ranked[value], value in named, value))


def _in_motif(reading: Reading, match: Match) -> bool:
    """Whether the person is what the print shows ("Druck Skater Mädchen")."""
    before = reading.words_before(match, 3)
    prints = {w.word for w in before} & {"druck", "print", "motiv", "aufdruck", "foto"}
    return bool(prints) and match.column == "model_descr"


def product_type(reading: Reading) -> Said:
    """The most precise word for the article in the column closest to the buyer; a plain "Shirt" yields to any other."""
    matches = [m for m in reading.of("product_type") if not _worn_with(reading, m)]
    if not matches:
        return [], []
    ranked = sorted(matches, key=lambda m: (m.value == GENERIC, RANK[m.column], m.start))
    first = ranked[0]
    value = first.value
    if value != GENERIC and RANK[first.column] > 0:
        named = next((m for m in ranked if m.column == "name" and m.value == GENERIC), None)
        if named is not None and first.column == "model_name":
            value = GENERIC
    evidence = [m for m in ranked if m.value == value]
    if value == GENERIC:
        sleeves = [m for m in reading.of("sleeve") if m.value in {"long", "3/4", "sleeveless"}]
        if sleeves:
            value = "tank top" if sleeves[0].value == "sleeveless" else "long-sleeve top"
            evidence = [*evidence[:1], sleeves[0]]
    said = [claim(reading.listing, m, "product_type", value) for m in evidence]
    rivals = {m.value for m in matches} - {value, GENERIC, first.value}
    # The copy may name what the article goes with; title and description code name the article.
    precise = {m.value for m in matches if m.column in ("name", "model_descr")}
    return said, _overruled("product_type", rivals, f"{value} stands in a column that counts more", precise)


def _worn_with(reading: Reading, match: Match) -> bool:
    """Whether the word names what the article goes with ("zu Jeans kombinierbar")."""
    if match.column != "description":
        return False
    before = {w.word for w in reading.words_before(match, 3)}
    after = {w.word for w in reading.words_after(match, 3)}
    return bool(before & {"zu", "zur", "zum", "über", "unter"}) or any(w.startswith("kombini") for w in before | after)


def sleeve(reading: Reading, kind: str | None) -> Said:
    """The stated sleeve; copy and description code beat the merchandise group. Trousers have none."""
    entry = vocabulary().types.get(kind or "")
    if entry is not None and entry.default_sleeve is None:
        return [], []
    matches = reading.of("sleeve")
    near = [m for m in matches if m.column != "model_name"] or matches
    value = next((s for s in SLEEVES if any(m.value == s for m in near)), None)
    if value is None:
        return [], []
    said = [claim(reading.listing, m) for m in matches if m.value == value]
    rivals = {m.value for m in matches} - {value}
    contradicting = _told(matches) - ({"long"} if value == "3/4" else set())
    return said, _overruled("sleeve", rivals, f"{value} is the more precise statement", contradicting)


def neckline(reading: Reading) -> Said:
    """The stated neckline; a collar that the type contains and every precise word beat "Rundhals"."""
    found = reading.of("neckline")
    matches = sorted(found, key=lambda m: (m.column == "model_name", m.value == "crew", RANK[m.column], m.start))
    if not matches:
        return [], []
    value = next((p for p in PRECISE if any(m.value == p for m in matches)), matches[0].value)
    said = [claim(reading.listing, m) for m in matches if m.value == value]
    rivals = {m.value for m in matches} - {value}
    contradicting = _told(matches) - ({"crew"} if value in PRECISE else set())
    return said, _overruled("neckline", rivals, f"{value} is the more precise statement", contradicting)


def single(reading: Reading, attribute: str) -> Said:
    """Fit, closure or length: the longest statement of the column that counts most."""
    meant = [replace(m, value=v) for m in reading.of("features") for v in implied(m.value, attribute)]
    matches = sorted([*reading.of(attribute), *meant], key=lambda m: (RANK[m.column], m.start))
    if not matches:
        return [], []
    value = matches[0].value
    said = [claim(reading.listing, m, attribute) for m in matches if m.value == value]
    rivals = {m.value for m in matches} - {value}
    # One garment can have two closures, and be cropped as well as oversized; it has one length.
    contradicting = _told(matches) if attribute == "length" else set()
    return said, _overruled(attribute, rivals, f"{value} stands in a column that counts more", contradicting)


def _told(matches: list[Match]) -> set[str]:
    """Values that stand elsewhere than in the merchandise group, which is too coarse to contradict anything."""
    return {m.value for m in matches if m.column != "model_name"}


def _overruled(attribute: str, values: set[str], reason: str, contradicting: Set[str] = frozenset()) -> list[Dropped]:
    return [Dropped(attribute, value, "lexicon", reason, value in contradicting) for value in sorted(values)]
