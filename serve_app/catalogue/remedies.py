"""What is drawn anew when a picture failed: only what failed is changed.

Lettering that cannot be read is set again smaller, and nothing is drawn for that. Then comes the same picture with the
words of what failed stressed, then another seed, under which a smear or a cut lies elsewhere.
"""

from collections.abc import Collection
from dataclasses import dataclass

from serve_app.catalogue.prompts import Prompts

# A check, and the parts of the prompt that say what it looks for.
SAID_BY = {
    "product_type": ("article",),
    "colours": ("colour",),
    "pattern": ("pattern", "motif"),
    "sleeve": ("sleeve",),
    "neckline": ("neckline",),
    "audience": ("article",),
    "motif": ("motif",),
}
LETTERING = (1.0, 0.75)  # sizes at which stated text is set, of what the garment takes, until it can be read


@dataclass(frozen=True)
class Remedy:
    """`seed`: which of the article's; `parts` of the prompt whose words are stressed; `failed`: what it is for."""

    seed: int
    parts: frozenset[str] = frozenset()
    failed: tuple[str, ...] = ()


def remedy(failed: Collection[str], best: Remedy, tried: Collection[Remedy]) -> Remedy:
    """What to draw after `best`, the picture that fails least; `tried` holds it too."""
    parts = best.parts.union(*(SAID_BY.get(check, ()) for check in failed))
    known = {(one.seed, one.parts) for one in tried}
    seed = best.seed if (best.seed, parts) not in known else 1 + max(one.seed for one in tried)
    return Remedy(seed, parts, tuple(sorted(failed)))


def stressed(prompts: Prompts, parts: Collection[str]) -> tuple[str, ...]:
    """The words of some parts as they stand in the prompt."""
    return tuple(fragment.text for fragment in prompts.fragments if fragment.part in parts)
