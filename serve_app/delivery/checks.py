"""One function per rule; all of them in `CHECKS`. Each says None where the profile has no such rule."""

from collections.abc import Callable

import numpy as np

from serve_app.delivery.background import background
from serve_app.delivery.profile import Profile, Range, Rules
from serve_app.delivery.ruling import Level, Report, Ruling, State, said, within
from serve_app.delivery.sharpness import sharp
from serve_app.delivery.subject import Subject

Check = Callable[[Subject, Rules], Ruling | None]
ASPECT_SLACK = 0.01  # of the ratio: sides are whole pixels
SPECKS = 12  # pixels beside the product that are no thing yet
UNSEEN = said(
    "Wo das Produkt liegt, ist ohne Maske nicht zu sagen; eine mitgeben",
    "without a mask nobody can say where the product lies; give one",
)
# What a picture of these IPTC terms is made of: nothing that a camera saw.
SYNTHETIC = frozenset({"trainedAlgorithmicMedia", "algorithmicMedia"})


def file_format(subject: Subject, rules: Rules) -> Ruling | None:
    """The file's own format, whatever its name says; a moving picture is none."""
    if not rules.formats:
        return None
    taken = ", ".join(rules.formats)
    reason = said(f"{subject.format}; angenommen: {taken}", f"{subject.format}; taken: {taken}")
    if subject.moving:
        reason = said("Das Bild bewegt sich", "the picture moves")
    good = subject.format in rules.formats and not subject.moving
    return Ruling(rule="format", state="pass" if good else "fail", value=subject.format, reason=reason)


def _measured(rule: str, unit: str, de: str, en: str, measure: Callable[[Subject], float]) -> Check:
    """The check of a number that the file alone tells; the field of the rules has the rule's name."""

    def check(subject: Subject, rules: Rules) -> Ruling | None:
        bounds: Range | None = getattr(rules, rule)
        return None if bounds is None else within(rule, measure(subject), bounds, unit, said(de, en))

    return check


def aspect(subject: Subject, rules: Rules) -> Ruling | None:
    """Width to height."""
    if rules.aspect is None:
        return None
    wanted, (width, height) = rules.aspect[0] / rules.aspect[1], subject.size
    bounds = Range(least=round(wanted * (1 - ASPECT_SLACK), 4), most=round(wanted * (1 + ASPECT_SLACK), 4))
    return within("aspect", round(width / height, 4), bounds, "", said("Breite zu Höhe", "width to height"))


def colour_space(subject: Subject, rules: Rules) -> Ruling | None:
    """Three channels of colour; a file without a profile counts as sRGB, as every browser takes it."""
    if rules.colour_space is None:
        return None
    plain = subject.mode in ("RGB", "RGBA", "P", "L")
    good = plain and (rules.colour_space == "RGB" or subject.icc is None or "srgb" in subject.icc.lower())
    found = f"{subject.mode}, {subject.icc or 'sRGB'}"
    reason = said(f"{found}; verlangt: {rules.colour_space}", f"{found}; wanted: {rules.colour_space}")
    return Ruling(rule="colour_space", state="pass" if good else "fail", value=found, reason=reason)


def fill_long(subject: Subject, rules: Rules) -> Ruling | None:
    """The product's box along the side that it fills more."""
    return _fill("fill_long", subject, rules.fill_long, max)


def fill_area(subject: Subject, rules: Rules) -> Ruling | None:
    """The product's box over the picture."""
    return _fill("fill_area", subject, rules.fill_area, lambda across, down: across * down)


def _fill(rule: str, subject: Subject, bounds: Range | None, share: Callable[[float, float], float]) -> Ruling | None:
    if bounds is None:
        return None
    if subject.box is None:
        return Ruling(rule=rule, state="unknown", least=bounds.least, most=bounds.most, reason=UNSEEN)
    (x0, y0, x1, y1), (width, height) = subject.box, subject.size
    filled = round(share((x1 - x0) / width, (y1 - y0) / height), 4)
    return within(rule, filled, bounds, "", said("Anteil, den das Produkt füllt", "share that the product fills"))


def whole(subject: Subject, rules: Rules) -> Ruling | None:
    """The product touches no edge of the picture."""
    if not rules.whole:
        return None
    if subject.box is None:
        return Ruling(rule="whole", state="unknown", reason=UNSEEN)
    (x0, y0, x1, y1), (width, height) = subject.box, subject.size
    gap = min(x0, y0, width - x1, height - y1)
    reason = said(f"{gap} px bis zum nächsten Rand", f"{gap} px to the nearest edge")
    if gap == 0:
        reason = said("Das Produkt ist am Rand angeschnitten", "the product is cut off at the edge")
    return Ruling(rule="whole", state="pass" if gap else "fail", value=gap, least=1, unit="px", reason=reason)


def nothing_beside(subject: Subject, rules: Rules) -> Ruling | None:
    """No text, logo, watermark or prop on the background; what lies on the product itself nobody can tell here."""
    if not rules.nothing_beside:
        return None
    if subject.ground is None or subject.away is None:
        return Ruling(rule="nothing_beside", state="unknown", reason=UNSEEN)
    beside = int(np.count_nonzero(subject.away & ~subject.ground.alike))
    state: State = "pass" if beside <= SPECKS else "fail"
    reason = said(
        f"{beside} px neben dem Produkt sind kein Hintergrund", f"{beside} px beside the product are no background"
    )
    return Ruling(rule="nothing_beside", state=state, value=beside, most=SPECKS, unit="px", reason=reason)


def plain_name(subject: Subject, rules: Rules) -> Ruling | None:
    """The file's name without umlauts and other letters beyond ASCII."""
    if not rules.plain_name:
        return None
    if subject.name is None:
        reason = said("Die Datei hat noch keinen Namen", "the file has no name yet")
        return Ruling(rule="plain_name", state="unknown", reason=reason)
    odd = "".join(sorted({char for char in subject.name if not char.isascii()}))
    reason = said(f"{odd} im Namen" if odd else "nur ASCII", f"{odd} in the name" if odd else "ASCII alone")
    return Ruling(rule="plain_name", state="fail" if odd else "pass", value=subject.name, reason=reason)


def digital_source_type(subject: Subject, rules: Rules) -> Ruling | None:
    """The IPTC field that a generated picture has to carry; a photograph may lack it, and a file cannot say which."""
    if not rules.digital_source_type:
        return None
    if subject.source_type:
        reason = said(f"IPTC: {subject.source_type}", f"IPTC: {subject.source_type}")
        return Ruling(rule="digital_source_type", state="pass", value=subject.source_type, reason=reason)
    reason = said(
        "IPTC DigitalSourceType fehlt; ein erzeugtes Bild braucht es",
        "no IPTC DigitalSourceType; a generated picture needs it",
    )
    return Ruling(rule="digital_source_type", state="unknown", reason=reason)


CHECKS: tuple[Check, ...] = (
    file_format,
    _measured("bytes", "B", "Dateigröße", "size of the file", lambda subject: subject.bytes),
    _measured("width", "px", "Breite", "width", lambda subject: subject.size[0]),
    _measured("height", "px", "Höhe", "height", lambda subject: subject.size[1]),
    _measured("shortest_side", "px", "kürzere Seite", "shorter side", lambda subject: min(subject.size)),
    _measured("longest_side", "px", "längere Seite", "longer side", lambda subject: max(subject.size)),
    _measured(
        "megapixels", "MP", "Bildpunkte", "pixels", lambda subject: round(subject.size[0] * subject.size[1] / 1e6, 3)
    ),
    aspect,
    colour_space,
    background,
    fill_long,
    fill_area,
    whole,
    nothing_beside,
    sharp,
    plain_name,
    digital_source_type,
)


def check(subject: Subject, profile: Profile) -> Report:
    """Every rule of the profile, required ones first, and what it says of pictures that no camera took."""
    levels: tuple[tuple[Level, Rules], ...] = (("required", profile.required), ("advised", profile.advised))
    found = [
        ruling.model_copy(update={"level": level})
        for level, rules in levels
        for one in CHECKS
        if (ruling := one(subject, rules)) is not None
    ]
    found.append(_synthesis(subject, profile))
    broken = any(ruling.level == "required" and ruling.state == "fail" for ruling in found)
    return Report(profile=profile.name, passes=not broken, rulings=tuple(found))


def _synthesis(subject: Subject, profile: Profile) -> Ruling:
    """Whether the marketplace takes what the file says that it is."""
    policy, term = profile.synthesis, subject.source_type
    state: State = "pass" if policy == "allowed" else "unknown"
    if term is None:
        reason = said(
            f"Die Datei sagt nicht, wie sie entstand; Regel: {policy}",
            f"the file does not say how it was made; rule: {policy}",
        )
    else:
        reason = said(f"{term}; Regel: {policy}", f"{term}; rule: {policy}")
        if term not in SYNTHETIC:
            state = "pass"
        elif policy == "forbidden":
            state = "fail"
    return Ruling(rule="synthesis", state=state, value=term, reason=reason)
