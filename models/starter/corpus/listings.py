"""Whole German listings with their translation and what they state: four columns as sheets export them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.domain import Attributes, Colour, ColourRole
from models.starter.corpus.articles import Article, sample
from models.starter.corpus.german import Noun
from models.starter.corpus.telling import Pair, Telling
from models.starter.corpus.wording import Rng, chosen, colour_code, words
from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon

NAME_BYTES, DESCRIPTION_BYTES = 25, 50  # where the retail system cuts model_name and model_descr, in bytes of UTF-8
Code = tuple[str, tuple[tuple[str, str], ...]]
"""A piece of shorthand and what it states."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One article's columns, the translation of its running text, the truth, and the sentences it was made of."""

    name: str
    description: str
    model_name: str
    model_descr: str
    english: str
    attributes: Attributes
    pairs: tuple[Pair, ...]

    @property
    def source(self) -> str:
        """The labelled lines that an extraction order holds."""
        return (
            f"name: {self.name}\ndescription: {self.description}\n"
            f"model_name: {self.model_name}\nmodel_descr: {self.model_descr}"
        )


def listings(seed: int, unseen: bool = False) -> Iterator[Listing]:
    """Endless listings; `unseen` uses only the templates that training never sees."""
    rng = np.random.default_rng((seed, int(unseen)))
    while True:
        yield listing(rng, unseen)


def listing(rng: Rng, unseen: bool = False) -> Listing:
    """One listing about a sampled article."""
    return listing_about(sample(rng), rng, unseen)


def listing_about(article: Article, rng: Rng, unseen: bool = False) -> Listing:
    """One listing about this article, which may leave out much of it."""
    telling = Telling(article, rng, unseen)
    # The shorthand comes first: what only it says must be stated there.
    shorthand = _cut(_joined(rng, _codes(rng, article)), DESCRIPTION_BYTES, telling)
    group = _cut([(_group(rng, article), ())], NAME_BYTES, telling)
    name = telling.say("name")
    text = [telling.say("description") for _ in range(int(rng.integers(1, 4)))]
    points = [telling.say("bullet") for _ in range(int(rng.integers(0, 6)))]
    mark = str(chosen(rng, ["\t", "\t", "- ", "• ", ""]))
    description = " ".join(german for german, _ in text) + _points(rng, mark, [german for german, _ in points])
    english = "\n".join([name[1], " ".join(said for _, said in text), *(said for _, said in points)])
    return Listing(name[0], description, group, shorthand, english, _truth(telling), tuple(telling.pairs))


def _points(rng: Rng, mark: str, points: list[str]) -> str:
    if not points:
        return ""
    gap = str(chosen(rng, ["\n\n\n", "\n\n", "\n\xa0\n\n"]))
    return gap + "".join(f"{mark}{point}\n" for point in points)


def _truth(telling: Telling) -> Attributes:
    said = telling.stated
    order = {value: place for place, value in enumerate(vocabulary().patterns)}
    motifs = [motif for motif in said.get("motif", ()) if motif != "lettering"] or said.get("motif", [])
    single = {
        name: said[name][0]
        for name in ("audience", "product_type", "sleeve", "neckline", "closure", "fit")
        if name in said
    }
    return Attributes(
        **single,
        colours=tuple(_colour(text) for text in said.get("colours", ())),
        multi_colour_offer="offer" in said,
        pattern=tuple(sorted(said.get("pattern", ()), key=order.__getitem__)),
        motif=motifs[0] if motifs else None,
        motif_text=said.get("motif_text", [None])[0],
        features=_sorted("features", said),
        materials=tuple(sorted(said.get("materials", ()))),
        non_visual_claims=_sorted("non_visual_claims", said),
        brand=said.get("brand", [None])[0],
    )


def _sorted(section: str, said: dict[str, list[str]]) -> tuple[str, ...]:
    order = {value: place for place, value in enumerate(lexicon("de").sections[section])}
    return tuple(sorted(said.get(section, ()), key=lambda value: (order.get(value, len(order)), value)))


def _colour(text: str) -> Colour:
    value, role = text.split("/")
    kind: ColourRole = role  # type: ignore[assignment]
    return Colour(value, kind)


def _cut(codes: list[Code], limit: int, telling: Telling) -> str:
    """The codes' text cut to `limit` bytes; only what stands in it whole counts as stated."""
    text = ""
    for piece, gives in codes:
        text += piece
        if len(text.encode()) <= limit:
            telling.state(gives)
    return text.encode()[:limit].decode("utf-8", "ignore")


def _joined(rng: Rng, codes: list[Code]) -> list[Code]:
    gap = str(chosen(rng, [",", ",", ", ", ", ", ","]))
    return [((gap if place else "") + text, gives) for place, (text, gives) in enumerate(codes)]


def _codes(rng: Rng, article: Article) -> list[Code]:
    codes = [_fact(rng, fact) for fact in article.facts if rng.random() < 0.55]
    if codes and rng.random() < 0.2:
        bare = str(chosen(rng, words()["types"][article.kind]["de"])).split(":")[0]
        codes[0] = (f"{bare} {chosen(rng, ['mit', 'with', 'm.', 'w.'])} {codes[0][0]}", codes[0][1])
    if rng.random() < 0.25:
        fabric = str(chosen(rng, list(words()["fabric_codes"])))
        fibre = fabric in words()["fibres"] and fabric != "elastane"
        codes.append(
            (
                str(chosen(rng, words()["fabric_codes"][fabric])),
                (("materials", f"{fabric} (stated)" if fibre else fabric),),
            )
        )
    noise = [(str(chosen(rng, words()["codes"]["noise"])), ()) for _ in range(int(rng.integers(0, 3)))]
    codes = [codes[int(place)] for place in rng.permutation(len(codes))]
    colours = _colours(rng, article)
    codes = colours + codes if rng.random() < 0.5 else codes + colours
    codes = (
        noise[:1] + _prints(rng, article) + codes if rng.random() < 0.4 else noise[:1] + codes + _prints(rng, article)
    )
    if article.offer:
        codes.insert(min(1, len(codes)), (str(chosen(rng, words()["codes"]["offers"])), (("offer", "yes"),)))
    return codes[:7] + noise[1:] * (len(codes) < 4)


def _fact(rng: Rng, fact: Noun) -> Code:
    gives = tuple(given for given in fact.gives if given[0] != "non_visual_claims")
    field, value = gives[0] if gives else ("", "")
    forms = lexicon("de").words(field).get(value, ()) if len(gives) == 1 and rng.random() < 0.2 else ()
    return str(chosen(rng, forms or fact.codes or (fact.german,))), gives


def _colours(rng: Rng, article: Article) -> list[Code]:
    codes: list[Code] = []
    if len(article.colours) == 2 and article.colours[0][1] == "unknown":
        (first, _), (second, _) = article.colours
        return [
            (
                f"{colour_code(rng, first)}/{colour_code(rng, second)}",
                (("colours", f"{first}/unknown"), ("colours", f"{second}/unknown")),
            )
        ]
    for value, role in article.colours:
        said = colour_code(rng, value)
        gives = (("colours", f"{value}/{role}"),)
        if role == "base" and rng.random() < 0.75:
            shade = f" {chosen(rng, words()['codes']['shades'])}" if rng.random() < 0.12 else ""
            melange = (
                any(given == ("pattern", "melange") for fact in article.facts for given in fact.gives)
                and rng.random() < 0.4
            )
            codes.append((said + shade + " mel" * melange, gives + (("pattern", "melange"),) * melange))
        elif role == "layer":
            codes += [("layer", (("features", "double-layer look"),)), (said, gives)]
        elif role == "contrast":
            codes.append(
                (
                    str(chosen(rng, [f"{said} contrast", f"Kontrast {said}", f"{said} Kontrast", f"contrast {said}"])),
                    gives,
                )
            )
    return codes


def _prints(rng: Rng, article: Article) -> list[Code]:
    codes: list[Code] = []
    if article.motif and rng.random() < 0.7:
        gives = tuple(given for given in article.motif.gives if given != ("pattern", "placement print"))
        printed = str(chosen(rng, ["Druck ", "Druck ", "druck ", "Print ", "Motiv ", "großer Druck "]))
        if printed != "Motiv " and ("pattern", "print") not in gives:
            gives = (*gives, ("pattern", "print"))
        if printed.startswith("groß"):
            gives = (*gives, ("features", "large print"))
        codes.append((printed + article.motif_word[0], gives))
    if article.text and rng.random() < 0.7:
        said = article.text if codes and rng.random() < 0.5 else f"Druck {article.text}"
        printed_too = (("pattern", "print"),) if said.startswith("Druck") else ()
        codes.append((said, (("motif_text", article.text), ("motif", "lettering"), *printed_too)))
    if article.colours and rng.random() < 0.04:
        value = str(chosen(rng, list(words()["colours"])))
        codes.append(
            (f"front print {colour_code(rng, value)}", (("pattern", "placement print"), ("colours", f"{value}/print")))
        )
    return codes


def _group(rng: Rng, article: Article) -> str:
    kinds = words()["types"]
    kind = article.kind if rng.random() < 0.92 else str(chosen(rng, list(kinds)))
    bare = str(chosen(rng, kinds[kind]["de"])).split(":")[0]
    sleeve = next((value for fact in article.facts for name, value in fact.gives if name == "sleeve"), "")
    tail = {"short": " kurzarm", "long": " langarm"}.get(sleeve, "")
    form = str(chosen(rng, words()["audiences"][article.audience])).replace("-", " ")
    return str(
        chosen(
            rng,
            [
                bare,
                bare + tail,
                bare + tail,
                f"{form} {bare}",
                f"{form} {bare} Basic",
                f"{form} {bare}",
                f"ONLINE_{bare}",
                f"{form[:2]}. {bare}",
            ],
        )
    )
