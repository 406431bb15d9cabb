"""What listings say that a drawing does not show: the denoiser learns that such words change nothing."""

from functools import cache

import numpy as np

from models.starter.drawing.sampling import sample
from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon

CHANCE = 0.25  # of a caption to carry one or two
UNKNOWN = ("gazelle", "pro", "tribeca", "no. 7", "eco", "heritage", "zx", "mountain club", "marlin", "classic")


@cache
def distractors() -> tuple[str, ...]:
    """Canonical features, materials, fits and lengths without those that drawings have, and a few unknown names."""
    rng = np.random.default_rng(0)
    drawn = {detail for _ in range(3000) for detail in sample(rng).details}
    drawn |= {"rhinestones", "lettering", "knit"}
    known, words = vocabulary(), lexicon("de")
    phrases = [*words.words("features"), *words.words("materials"), *known.fits, *known.lengths]
    plain = [phrase for phrase in phrases if not any(colour in phrase for colour in ("contrast", "print", "stripe"))]
    return (*(phrase for phrase in plain if phrase not in drawn), *UNKNOWN)


def distracted(caption: str, rng: np.random.Generator) -> str:
    """The caption, sometimes with words before its last two clauses that its picture does not answer."""
    if rng.random() > CHANCE:
        return caption
    added = [str(phrase) for phrase in rng.choice(distractors(), int(rng.integers(1, 3)), replace=False)]
    clauses = caption.split(", ")
    place = max(2, len(clauses) - 2)
    return ", ".join([*clauses[:place], *added, *clauses[place:]])
