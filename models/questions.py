"""What a scorer is asked about a picture: per question its answers, each with the caption that stands for it."""

from collections.abc import Collection, Mapping
from functools import cache

from models.vocabulary import vocabulary

# Of the cloth itself; what is printed on the front is a question of its own.
WEAVES = ("solid", "melange", "striped", "checked", "dots", "floral", "all-over print", "colour-block", "acid wash",
          "burn-out", "space-dye", "jacquard")  # fmt: skip
# With other sleeves a T-shirt looks like the type that is named for them.
BY_SLEEVE = {"long": "long-sleeve top", "3/4": "long-sleeve top", "sleeveless": "tank top"}
# Whose clothes can be told by their proportions.
WEARERS = ("men", "women", "children", "baby")
SAME_WEARER = dict.fromkeys(("boys", "girls", "unisex_kids"), "children")
MOTIFS = ("butterfly", "camera", "car", "cat", "dinosaur", "dog", "excavator", "flower", "globe", "heart", "leaf",
          "palm", "star", "unicorn")  # fmt: skip
NOBODY, SOMEBODY = "nobody", "a person"
SAME_WEAVE = {"animal": "all-over print"}  # figures of another size
# A front that opens from the neck on leaves no placket that would tell a henley neck from a crew neck.
OPEN_FRONTS = frozenset({"shirt", "cardigan", "jacket", "full button front", "zip", "half zip"})
FITTED = "questions.safetensors"  # beside a scorer's weights: caption -> vector whose product with a picture is a logit
PRINTED, BARE = "front print", "no print"


@cache
def questions() -> Mapping[str, Mapping[str, str]]:
    """Question -> answer -> caption; the captions of one question differ in the answer alone."""
    known = vocabulary()
    shapes = dict.fromkeys(entry.drawn_as for entry in known.types.values())
    return {
        "product_type": {shape: f"a photo of {_one(shape)}" for shape in shapes},
        "weave": {weave: f"a photo of a garment of {known.phrase(weave)} cloth" for weave in WEAVES},
        "print": {PRINTED: "a photo of a garment with a front print", BARE: "a photo of a garment without a print"},
        "sleeve": {value: f"a photo of a garment with {known.phrase(value)}" for value in known.sleeves}
        | {"sleeveless": "a photo of a sleeveless garment"},
        "neckline": {value: f"a photo of a garment with {_one(known.phrase(value))}" for value in known.necklines},
        "audience": {wearer: f"a photo of clothing made for {wearer}" for wearer in WEARERS},
        "motif": {motif: f"a photo of a garment with a print of {_one(motif)}" for motif in MOTIFS},
        "people": {NOBODY: "a photo of a garment laid flat", SOMEBODY: "a photo of a person who wears a garment"},
    }


@cache
def captions() -> tuple[str, ...]:
    """The captions of all answers."""
    return tuple(caption for answers in questions().values() for caption in answers.values())


def seen_neckline(neckline: str | None, front: Collection[str]) -> str | None:
    """What a neckline looks like above a front: `front` names the silhouette and the closures."""
    closed = not OPEN_FRONTS.intersection(front)
    if neckline == "henley" and not closed:
        return "crew"
    return "henley" if neckline == "crew" and closed and "button placket" in front else neckline


def answers(scores: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Question -> answer -> score, from the scores of all captions (caption -> score)."""
    return {
        question: {answer: scores[caption] for answer, caption in texts.items()}
        for question, texts in questions().items()
    }


def _one(words: str) -> str:
    plural = words in {"trousers", "shorts"}
    return words if plural else f"{'an' if words[0] in 'aeio' else 'a'} {words}"
