"""Checks by caption scores: does the right answer to a question lead all others?

A margin below 0 is a range in which nothing can be told: a right answer may lose by as much."""

from collections.abc import Collection

from models.domain import Attributes
from models.questions import BARE, BY_SLEEVE, NOBODY, PRINTED, SAME_WEARER, SAME_WEAVE, WEAVES, seen_neckline
from models.vocabulary import vocabulary
from serve_app.catalogue.prompts.fragments import DECORATIONS, PRINTS
from serve_app.catalogue.record import Finding
from serve_app.catalogue.verdict.evidence import Evidence

UNIT = "caption score over the best rival"


def product_type(evidence: Evidence) -> Finding:
    """The stated type's silhouette against all others."""
    return _answered(evidence, "product_type", shapes(evidence.attributes), evidence.thresholds.type_margin)


def pattern(evidence: Evidence) -> Finding:
    """The stated weave against the others, and whether there is a front print as stated; the worse of the two."""
    both = weave(evidence), front_print(evidence)
    asked = [found for found in both if found.value is not None]
    return min(asked or both, key=lambda found: ("fail", "unknown", "pass").index(found.state))


def weave(evidence: Evidence) -> Finding:
    """The stated weave against the others."""
    return _answered(evidence, "weave", weaves(evidence.attributes), evidence.thresholds.pattern_margin)


def front_print(evidence: Evidence) -> Finding:
    """A stated front print, or plain cloth."""
    return _answered(evidence, "print", prints(evidence.attributes), evidence.thresholds.print_margin)


def sleeve(evidence: Evidence) -> Finding:
    """The stated sleeve length against the others."""
    return _answered(evidence, "sleeve", {evidence.attributes.sleeve or ""}, evidence.thresholds.sleeve_margin)


def neckline(evidence: Evidence) -> Finding:
    """The stated neckline against the others."""
    return _answered(evidence, "neckline", necklines(evidence.attributes), evidence.thresholds.neckline_margin)


def audience(evidence: Evidence) -> Finding:
    """Whose proportions the garment has, where they can be told."""
    stated = evidence.attributes.audience
    right = {SAME_WEARER.get(stated, stated)} if stated else set()
    return _answered(evidence, "audience", right, evidence.thresholds.audience_margin)


def motif(evidence: Evidence) -> Finding:
    """The stated motif against others, of a garment that has one."""
    return _answered(evidence, "motif", {evidence.attributes.motif or ""}, evidence.thresholds.motif_margin)


def no_humans(evidence: Evidence) -> Finding:
    """A garment by itself, or somebody who wears it."""
    return _answered(evidence, "people", {NOBODY}, evidence.thresholds.people_margin)


def shapes(stated: Attributes) -> set[str]:
    """The silhouettes that the stated type may have."""
    entry = vocabulary().types.get(stated.product_type or "")
    found = set() if entry is None else {entry.drawn_as}
    return found | ({BY_SLEEVE[stated.sleeve]} if "t-shirt" in found and stated.sleeve in BY_SLEEVE else set())


def necklines(stated: Attributes) -> set[str]:
    """The stated neckline, and what it looks like above the stated front."""
    front = {*shapes(stated), *stated.features, *filter(None, [stated.closure])}
    return {name for name in (stated.neckline, seen_neckline(stated.neckline, front)) if name}


def weaves(stated: Attributes) -> set[str]:
    """What the cloth may look like; animals and flowers are a weave only where they are printed all over."""
    placed = stated.motif is not None and "all-over print" not in stated.pattern
    named = {SAME_WEAVE.get(value, value) for value in stated.pattern}
    if placed:
        named -= {"floral"} | ({"all-over print"} if "animal" in stated.pattern else set())
    found = named & set(WEAVES) - {"solid"}
    if found or "solid" not in stated.pattern:
        return found
    bases = [colour for colour in stated.colours if colour.role in {"base", "unknown"}]
    return {"solid", "colour-block"} if len(bases) > 1 else {"solid"}


def prints(stated: Attributes) -> set[str]:
    """Whether the front is printed; nothing is known of what a listing does not say, unless it says plain."""
    if set(PRINTS) & set(stated.pattern):
        return {PRINTED}
    plain = stated.pattern == ("solid",) and stated.motif is None and stated.motif_text is None
    return {BARE} if plain and not set(DECORATIONS) & set(stated.pattern) else set()


def _answered(evidence: Evidence, question: str, right: Collection[str], margin: float | None) -> Finding:
    if margin is None:
        return Finding(
            state="unknown",
            reason="the scorer of this pack is not fitted to tell it",
            reason_de="der Bewerter dieses Pakets ist nicht darauf eingestellt",
        )
    scores = evidence.answers.get(question, {})
    own = {value: scores[value] for value in right if value in scores}
    rivals = {value: score for value, score in scores.items() if value not in own}
    if not own or not rivals:
        return Finding(
            state="unknown",
            reason="the listing states nothing of it that the scorer can tell apart",
            reason_de="die Beschreibung nennt nichts dazu, was der Bewerter unterscheiden kann",
        )
    stated, rival = max(own, key=own.__getitem__), max(rivals, key=rivals.__getitem__)
    lead = own[stated] - rivals[rival]
    unsure = margin <= lead < 0
    first, second = (stated, rival) if lead >= 0 else (rival, stated)
    return Finding(
        state="unknown" if unsure else "pass" if lead >= margin else "fail",
        expected=stated,
        value=round(lead, 3),
        threshold=margin,
        unit=UNIT,
        reason=f"reads as {first}; next is {second}",
        reason_de=f"sieht aus wie {first}; am nächsten kommt {second}",
    )
