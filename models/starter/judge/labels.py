"""What the judge says of a picture, and what it should say of a drawn garment."""

from dataclasses import dataclass, fields

from models.questions import BY_SLEEVE
from models.starter.drawing import Garment

FRONT_PRINT, REPEATED = "front print", "all-over print"
# Patterns that differ in a word only, or in the size of the same figure.
GROUPS = {"print": FRONT_PRINT, "placement print": FRONT_PRINT, "animal": REPEATED, "all-over print": REPEATED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`type`: a silhouette; `pattern`: a group of patterns; `sleeve`: "none" for skirts and trousers."""

    type: str
    pattern: str
    sleeve: str
    backdrop: str


HEADS = tuple(field.name for field in fields(Verdict))


def expected(garment: Garment) -> Verdict:
    """The verdict that is right for a drawing of this garment."""
    sleeve = garment.drawn_sleeve or "none"
    kind = BY_SLEEVE.get(sleeve, garment.type) if garment.type == "t-shirt" else garment.type
    pattern = "colour-block" if _in_two_parts(garment) else garment.pattern
    return Verdict(kind, GROUPS.get(pattern, pattern), sleeve, garment.backdrop)


def _in_two_parts(garment: Garment) -> bool:
    """A plain garment of two colours is drawn as a colour-block."""
    return garment.pattern == "solid" and garment.second is not None and garment.second_role in ("block", None)
