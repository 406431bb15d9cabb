"""The pictures that an edit comes with, and what they look like on their way to a model and back."""

from dataclasses import dataclass

from models.domain import Picture, Pixels, Refusal
from models.masking import masked
from serve_app.catalogue.framing import resized


@dataclass(frozen=True)
class Original:
    """What an edit changes: the first of `pictures`; the others show how the changed place is to look. `mask`: uint8
    (height, width) of the first one, 255 where it may change; None: the whole picture is reworked."""

    pictures: tuple[Picture, ...]
    mask: Pixels | None = None
    strength: float | None = None


def returned(drawn: Picture | Refusal, original: Original) -> Picture | Refusal:
    """At the original's own size, and with its own pixels wherever the mask did not allow a change."""
    if isinstance(drawn, Refusal) or original.mask is None:
        return drawn
    first = original.pictures[0]
    return masked(resized(drawn, first.size), first, original.mask)
