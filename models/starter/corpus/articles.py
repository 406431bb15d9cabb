"""What an article is, before anything is said about it."""

from dataclasses import dataclass, field
from typing import Any

from models.starter.corpus.german import Noun
from models.starter.corpus.wording import Rng, brand, chosen, colour_adjective, noun, read, simple, slogan, words
from models.vocabulary.lexicon import lexicon

LEGS = ("skirt", "trousers", "shorts")


@dataclass(frozen=True, slots=True)
class Article:
    """The nouns that a listing may use; nothing is stated before it is said."""

    audience: str
    kind: str
    brand: str
    facts: tuple[Noun, ...]
    fibres: tuple[Noun, ...]
    cloths: tuple[Noun, ...]
    colours: tuple[tuple[str, str], ...]  # (value, role); empty when the listing names none
    motif: Noun | None
    motif_word: tuple[str, str]  # German and English subject of the print
    text: str
    offer: bool
    second: Noun | None = field(default=None)  # "stripes in dark blue": names a colour and its role


def sample(rng: Rng) -> Article:
    """A plausible article."""
    kinds = words()["types"]
    weights = [entry["weight"] for entry in kinds.values()]
    kind = str(rng.choice(list(kinds), p=[weight / sum(weights) for weight in weights]))
    audience = str(
        rng.choice(["men", "women", "boys", "girls", "baby", "unisex_kids"], p=[0.3, 0.3, 0.15, 0.15, 0.05, 0.05])
    )
    colours = _colours(rng)
    motif, motif_word = (
        _motif(rng) if rng.random() < (0.35 if audience not in ("men", "women") else 0.12) else (None, ("", ""))
    )
    text = slogan(rng) if rng.random() < 0.2 else ""
    facts = _facts(rng, kind, bool(motif or text))
    second = _second(rng) if colours and rng.random() < 0.12 else None
    return Article(
        audience, kind, brand(rng), tuple(facts), _fibres(rng), _cloths(rng), colours, motif, motif_word, text,
        rng.random() < 0.08, second,
    )  # fmt: skip


def _facts(rng: Rng, kind: str, printed: bool) -> list[Noun]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in read("nouns").values():
        groups.setdefault(entry["group"], []).append(entry)
    facts = []
    taken = set(words()["types"][kind].get("states", {}))
    wearer = {kind, "all", *(["upper"] if kind not in LEGS else [])}
    for group, rule in words()["groups"].items():
        replaced = printed and group == "print" and rng.random() < 0.7
        if replaced or not wearer & set(rule["types"]) or rng.random() > rule["chance"]:
            continue
        entry = chosen(rng, groups[group])
        single = {name for name in entry["gives"] if name in ("sleeve", "neckline", "closure", "fit")}
        if single & taken or (entry.get("code_only") and rng.random() < 0.5):
            continue
        taken |= single
        facts.append(noun(rng, entry))
    return [facts[int(place)] for place in rng.permutation(len(facts))]


def _colours(rng: Rng) -> tuple[tuple[str, str], ...]:
    names = list(words()["colours"])
    draw = rng.random()
    first, second = (str(name) for name in rng.choice(names, 2, replace=False))
    if draw < 0.3:
        return ()
    if draw < 0.75:
        return ((first, "base"),)
    if draw < 0.82:
        return ((first, "base"), (second, "layer"))
    if draw < 0.88:
        return ((first, "contrast"),)
    return ((first, "base"), (second, "contrast")) if draw < 0.94 else ((first, "unknown"), (second, "unknown"))


def _second(rng: Rng) -> Noun:
    colour = str(chosen(rng, list(words()["colours"])))
    german = str(colour_adjective(rng, colour)[0]).removeprefix("=").capitalize()
    kind, english, role, gives = chosen(rng, [
        ("Streifen in {}:p:Streifen in {}", "stripes in {}", "contrast", (("pattern", "striped"),)),
        ("Details in {}:p:Details in {}", "details in {}", "contrast", ()),
        ("Kontraste in {}:p:Kontrasten in {}", "contrasts in {}", "contrast", ()),
        ("Druck in {}:m", "print in {}", "print", (("pattern", "print"),)),
        ("Schriftzug in {}:m", "lettering in {}", "print", (("motif", "lettering"),)),
        ("Kragen in {}:m", "collar in {}", "contrast", ()),
        ("Bündchen in {}:p:Bündchen in {}", "cuffs in {}", "contrast", ()),
    ])  # fmt: skip
    stated = (*gives, ("colours", f"{colour}/{role}"))
    return simple(kind.replace("{}", german), english.format(colour), gives=stated)


def _motif(rng: Rng) -> tuple[Noun, tuple[str, str]]:
    stem, word, english = chosen(rng, words()["motifs"]["items"])
    kinds = lexicon("de").words("motif_kinds")
    gives = [("pattern", kind) for kind in ("animal", "floral") if english in kinds[kind]] + [("motif", english)]
    ending, said, printed = chosen(
        rng,
        [
            ("Motiv:n", "motif", False),
            ("Druck:m", "print", True),
            ("Print:m", "print", True),
            ("Frontdruck:m", "front print", None),
            ("Aufdruck:m", "print", True),
        ],
    )
    if printed is not False:
        gives.append(("pattern", "print" if printed else "placement print"))
    return simple(f"{stem}-{ending}", f"{english} {said}", gives=tuple(gives)), (word, english)


def _fibres(rng: Rng) -> tuple[Noun, ...]:
    found = []
    for fibre, (stem, _, english) in words()["fibres"].items():
        if rng.random() > (0.6 if fibre == "cotton" else 0.08):
            continue
        joint = stem if rng.random() < 0.6 else f"{stem}-"
        anteil = "anteil" if joint == stem else "Anteil"
        if fibre != "elastane" and rng.random() < 0.65:
            made = simple(
                f"{joint}{anteil}:m",
                f"{english} content",
                adjective=("hoh", "high"),
                gives=(("materials", f"{fibre} (high share)"),),
            )
        elif fibre != "elastane" and rng.random() < 0.3:
            made = simple(f"{stem}-Mix:m", f"{english} mix", gives=(("materials", f"{fibre} (mix)"),))
        else:
            value = fibre if fibre == "elastane" else f"{fibre} (share)"
            made = simple(f"{joint}{anteil}:m", f"{english} content", gives=(("materials", value),))
        found.append(made)
    return tuple(found)


def _cloths(rng: Rng) -> tuple[Noun, ...]:
    found = []
    fibre = chosen(rng, ["cotton", "cotton", "cotton", "viscose", "linen", "lyocell", "polyester", "modal"])
    _, german, english = words()["fibres"][fibre]
    share, adjective = chosen(
        rng,
        [
            ("pure", ("rein", "pure")),
            ("pure", ("rein", "pure")),
            ("stated", ("hochwertig", "high-quality")),
            ("stated", ("", "")),
        ],
    )
    gives = [("materials", f"{fibre} ({share})")] + [("non_visual_claims", "high quality")] * (
        adjective[0] == "hochwertig"
    )
    if rng.random() < 0.5:
        found.append(simple(german, english, adjective=adjective, mass=True, gives=tuple(gives)))
    if rng.random() < 0.2:
        fabric = str(chosen(rng, list(words()["fabrics"])))
        german = str(chosen(rng, words()["fabrics"][fabric]))
        adjective = chosen(rng, [("", ""), ("leicht", "light"), ("weich", "soft")])
        found.append(simple(german, fabric, adjective=adjective, mass=True, gives=(("materials", fabric),)))
    return tuple(found)
