"""What is on the garment: pattern, visible features, materials, claims that cannot be seen, colour variants."""

import re
from itertools import pairwise

from serve_app.catalogue.attributes.motif import subjects
from serve_app.catalogue.claims import Claim, claim, spanned
from serve_app.catalogue.lexicon import Match
from serve_app.catalogue.reading import Reading, implied
from serve_app.catalogue.shorthand import segments

FIBRES = frozenset(
    {
        "cotton",
        "supima cotton",
        "viscose",
        "lyocell",
        "modal",
        "linen",
        "polyamide",
        "acrylic",
        "wool",
        "cashmere",
        "silk",
    }
)
WOVEN = frozenset({"striped", "checked", "dots", "solid"})
REACH = 2  # words between "rein" or "hoher" and the fibre it qualifies


def pattern(reading: Reading) -> list[Claim]:
    """Patterns of the body and every embellishment; a placed print swallows the plain word "Druck"."""
    body = [m for m in reading.of("pattern") if not (_of_layer(reading, m) or _of_detail(reading, m))]
    said = [claim(reading.listing, m) for m in body]
    for feature in reading.of("features"):
        said += [claim(reading.listing, feature, "pattern", value) for value in implied(feature.value, "pattern")]
    for match, kind in subjects(reading):
        said.append(claim(reading.listing, match, "pattern", kind))
    values = {c.value for c in said}
    return [c for c in said if not (c.value == "print" and "placement print" in values)]


def _of_detail(reading: Reading, match: Match) -> bool:
    """Whether a weave is only that of a part ("Streifen am Kragen", "collar stripes")."""
    if match.value not in WOVEN:
        return False
    places = reading.of("places", match.column)
    before, after = reading.words_before(match, 1), reading.words_after(match, 3)
    named = any(p.start <= w.start < p.end for p in places for w in before)
    said_at = bool(after) and after[0].word in {"am", "an", "auf", "at", "on"}
    return named or (said_at and any(p.start <= w.start < p.end for p in places for w in after[1:]))


def _of_layer(reading: Reading, match: Match) -> bool:
    """Whether "mel" stands with the layer's colour ("black,layer,dark grey mel") and not with the body's."""
    if match.value != "melange" or match.column != "model_descr":
        return False
    layered = False
    for segment in segments(reading.text(match.column)):
        layer_word = any(segment.holds(m) for m in reading.of("colour_roles", match.column) if m.value == "layer")
        has_colour = any(segment.holds(m) for m in reading.of("colours", match.column))
        if segment.holds(match):
            return (layered or layer_word) and has_colour
        layered = layer_word and not has_colour
    return False


def features(reading: Reading) -> list[Claim]:
    """Visible features; "Tasche" is left out where a more precise pocket is stated."""
    said = [claim(reading.listing, m) for m in reading.of("features")]
    said += [
        claim(reading.listing, m, "features", "melange layer") for m in reading.of("pattern") if _of_layer(reading, m)
    ]
    values = {c.value for c in said}
    vague = {short for short in values for long in values if short != long and _vaguer(short, long)}
    return [c for c in said if c.value not in vague]


def _vaguer(short: str, long: str) -> bool:
    """Whether all words of one phrase stand in the other ("pocket" in "left chest pocket")."""
    return set(short.removesuffix("s").split()) < {w.removesuffix("s") for w in long.split()} | set(long.split())


def materials(reading: Reading) -> list[Claim]:
    """Fibres with the share that the words beside them state, fabrics as they are."""
    best: dict[str, list[Claim]] = {}
    for match in reading.of("materials"):
        shares = _shares(reading, match) if match.value in FIBRES else _parts(reading, match)
        for share in shares:
            value = f"{match.value} ({share})" if share else match.value
            best.setdefault(match.value, []).append(claim(reading.listing, match, "materials", value))
    return [c for fibre, said in best.items() for c in (_strongest(said) if fibre in FIBRES else said)]


def _parts(reading: Reading, match: Match) -> list[str]:
    """The part that an elastic fibre is in ("Einfassband mit Elasthan")."""
    if match.value != "elastane":
        return [""]
    near = [w.word for w in (*reading.words_before(match, 2), *reading.words_after(match, 3))]
    return ["binding"] if "einfassband" in near else ["cuffs"] if "bündchen" in near else [""]


def _shares(reading: Reading, match: Match) -> list[str]:
    text = reading.text(match.column)
    word = next(w for w in reading.words[match.column] if w.start <= match.start < w.end)
    compound = text[word.start : word.end].lower()
    before = [w.word for w in reading.words_before(match, REACH, re.compile(r"[;:!?.\n]"))]
    after = [w.word for w in reading.words_after(match, 2)]
    near = re.split(r"[\s,]", text[match.end : match.end + 12].lower())[0]
    if any(w.startswith("rein") or w == "100" for w in before):
        return ["pure"]
    if "anteil" in compound or "anteil" in near or after[:1] in (["anteil"], ["anteils"]):
        return ["high share"] if any(w.startswith(("hoh", "hoch")) for w in before) else ["share"]
    if "mix" in compound or "mix" in near or "mix" in after or "mix" in before or "mischung" in near:
        return ["mix"]
    return ["share"] if before[-1:] in (["mit"], ["hauch"]) or before[-2:] == ["hauch", "von"] else ["stated"]


def _strongest(said: list[Claim]) -> list[Claim]:
    values = {c.value for c in said}
    strong = {v for v in values if v.endswith(("(pure)", "(high share)"))}
    for rank in ("(mix)", "(share)", "(stated)"):
        strong = strong or {v for v in values if v.endswith(rank)}
    return [c for c in said if c.value in strong]


def unseen(reading: Reading) -> list[Claim]:
    """Comfort, certificates, occasions: kept for the record, never for a picture."""
    said = [claim(reading.listing, m) for m in reading.of("non_visual_claims")]
    named = any(c.value == "OEKO-TEX" for c in said)
    return [c for c in said if not (named and c.value == "certified")]


def variants(reading: Reading) -> list[Claim]:
    """An offer of several colours ("3 col", "Rot oder Blau"); "c&s 3 col" are three colours in one garment."""
    said = [spanned(reading.listing, "multi_colour_offer", "yes", span) for span in _alternatives(reading)]
    for match in reading.of("multi_colour_offer"):
        before = [w.word for w in reading.words_before(match, 3)]
        counted = bool(before) and re.fullmatch(r"\d+x?|verschieden\w*|mehrere\w*|viele\w*|div|versch", before[-1])
        spelt = len(reading.text(match.column)[match.start : match.end].split()) > 1
        if (counted or spelt) and before[:2] != ["c", "s"]:
            said.append(spanned(reading.listing, "multi_colour_offer", "yes", (match.column, match.start, match.end)))
    return said


def _alternatives(reading: Reading) -> list[tuple[str, int, int]]:
    """Spans of two colours with "oder" between them."""
    colours = reading.of("colours")
    pairs = [(a, b) for a, b in pairwise(colours) if a.column == b.column]
    return [
        (a.column, a.start, b.end)
        for a, b in pairs
        if reading.text(a.column)[a.end : b.start].strip() in {"oder", "or"}
    ]
