"""Good and bad files per profile, derived from its rules, with the rules that each breaks worked out by hand here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import scenes
from scenes import GARMENTS, Scene

from serve_app.delivery.profile import Profile, Rules

FORMS = ("jpeg", "png", "webp", "tiff", "gif", "bmp")
CASES = 60  # files per profile at least
PLAIN = {"light_grey": (229, 229, 229)}
GOOD_GROUNDS = {
    "white": [(255, 255, 255), (250, 250, 250)],
    "light": [(255, 255, 255), (235, 235, 235), (225, 232, 250)],
    "light_neutral": [(255, 255, 255), (235, 235, 235), (210, 210, 212)],
    "light_grey": [(229, 229, 229), (238, 238, 238), (215, 214, 215)],
}
BAD_GROUNDS = {
    "pure_white": [(254, 254, 254), (250, 250, 250), (255, 255, 250), (128, 128, 128)],
    "white": [(238, 238, 238), (255, 255, 225), (120, 120, 120)],
    "light": [(150, 150, 150), (60, 60, 90)],
    "light_neutral": [(150, 150, 150), (215, 228, 255), (250, 225, 225)],
    "light_grey": [(255, 255, 255), (251, 251, 251), (150, 150, 150), (215, 228, 255)],
}


@dataclass(frozen=True)
class Case:
    """A file and what is to be said of it: the rules that fail, required and advised."""

    title: str
    scene: Scene
    broken: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()  # what the same fault may break as well


def cases(profile: Profile) -> list[Case]:
    """At least CASES for a profile: every kind of fault on as many garments as it takes."""
    found = [_told(profile, case) for case in _advised(profile)]
    for garment in GARMENTS:
        found += [_told(profile, case) for case in _of(profile, base(profile.required, garment))]
        if len(found) >= CASES:
            return found
    raise AssertionError(f"{profile.name}: only {len(found)} cases")


def base(rules: Rules, garment: scenes.Garment) -> Scene:
    """A file that keeps the rules at the smallest size that it may have."""
    across, down = scenes.product(garment).size
    least = max([400.0, *(bounds.least or 0 for bounds in (rules.shortest_side, rules.longest_side) if bounds)])
    wide, high = rules.aspect or (across, down)
    if rules.fill_area is not None:
        wide, high = max(across, 0.55 * down), down
    scale = least / min(wide, high)
    for bounds, side in ((rules.width, wide), (rules.height, high)):
        scale = max(scale, ((bounds.least or 0) if bounds else 0) / side)
    width, height = round(wide * scale), round(high * scale)
    fill = 0.95 if rules.fill_area else 0.825 if rules.fill_long and rules.fill_long.most else 0.9
    stretch = min(width / across, height / down) * fill
    box = (fill, fill) if rules.fill_area else (across * stretch / width, down * stretch / height)
    ground = PLAIN.get(rules.background or "", (255, 255, 255))
    weight = round(rules.bytes.least * 1.2) if rules.bytes and rules.bytes.least else None
    return Scene(garment, (width, height), box, ground, bytes=weight)


def _advised(profile: Profile) -> Iterator[Case]:
    """As it should best be, on one garment, for these files are large; and on grounds that are not advised."""
    advised = profile.advised.model_dump(exclude_defaults=True)
    yield Case("as advised", base(Rules.model_validate(profile.required.model_dump() | advised), GARMENTS[0]))
    plain = base(profile.required, GARMENTS[0])
    for ground in BAD_GROUNDS.get(profile.advised.background or "", []):
        yield Case(f"on {ground}, which is not advised", replace(plain, ground=ground), frozenset({"background"}))


def _of(profile: Profile, plain: Scene) -> Iterator[Case]:
    rules = profile.required
    yield Case("as it should be", plain)
    yield from _formats(rules, plain)
    yield from _sides(rules, plain)
    yield from _grounds(rules, plain)
    yield from _framings(plain)
    yield from _things(rules, plain)
    yield from _told_by_the_file(profile, plain)
    # The blur's halo reaches beyond the garment.
    halo = frozenset({"fill_long", "fill_area", "whole", "white_exact"})
    yield Case("blurred", replace(plain, blur=0.02), frozenset({"sharp"}), halo)


def _formats(rules: Rules, plain: Scene) -> Iterator[Case]:
    for form in FORMS:
        good = not rules.formats or form in rules.formats
        heavy = rules.bytes is not None and rules.bytes.least is not None and form in ("bmp", "tiff")
        if not heavy:
            yield Case(form, replace(plain, form=form), frozenset() if good else frozenset({"format"}))
    if rules.formats:
        broken = {"format"}
        yield Case("moving", replace(plain, form="webp", moving=True), frozenset(broken))


def _sides(rules: Rules, plain: Scene) -> Iterator[Case]:
    width, height = plain.size
    for factor in (0.97, 0.8, 1.2):
        yield Case(f"{factor} of the size", plain.at(round(width * factor), round(height * factor)))
    for wide, high in ((1.05, 1.0), (1.0, 1.05)):
        yield Case(f"{wide} x {high}", plain.at(round(width * wide), round(height * high)))
    if rules.longest_side is not None and rules.longest_side.most is not None:
        long = int(rules.longest_side.most)
        across, down = scenes.product(plain.garment).size
        for side in (long, long + 1):
            strip = replace(plain, size=(500, side), box=(0.9, 0.9 * 500 * down / across / side))
            yield Case(f"{side} long", strip)
    if rules.bytes is not None:
        for bound in (rules.bytes.least, rules.bytes.most):
            if bound is not None:
                yield Case(f"{bound:.0f} bytes", replace(plain, bytes=int(bound)))
        if rules.bytes.most is not None:
            yield Case("too heavy", replace(plain, bytes=int(rules.bytes.most) + 1), frozenset({"bytes"}))
        if rules.bytes.least is not None:
            yield Case("too light", replace(plain, bytes=None), frozenset({"bytes"}))


def _grounds(rules: Rules, plain: Scene) -> Iterator[Case]:
    if rules.background is None:
        return
    rule = "white_exact" if rules.background == "pure_white" else "background"
    for ground in GOOD_GROUNDS.get(rules.background, []):
        yield Case(f"on {ground}", replace(plain, ground=ground))
    for ground in BAD_GROUNDS[rules.background]:
        yield Case(f"on {ground}", replace(plain, ground=ground), frozenset({rule}))


def _framings(plain: Scene) -> Iterator[Case]:
    across, down = plain.box
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        shift = (x * ((1 - across) / 2 + 0.1), y * ((1 - down) / 2 + 0.1))
        yield Case(f"cut off towards {x}, {y}", replace(plain, shift=shift))
    for factor in (0.6, 0.8):
        yield Case(f"fills {factor} of what it may", replace(plain, box=(across * factor, down * factor)))
    most = 0.97 / max(across, down)
    yield Case("fills nearly all", replace(plain, box=(across * most, down * most)))


def _things(rules: Rules, plain: Scene) -> Iterator[Case]:
    if not rules.nothing_beside:
        return
    small = replace(plain, box=(plain.box[0] * 0.87, plain.box[1] * 0.87)) if rules.fill_long is None else plain
    broken = {"nothing_beside"} | ({"white_exact"} if rules.background == "pure_white" else set())
    for paint in (scenes.lettering, scenes.logo, scenes.watermark, scenes.border):
        yield Case(paint.__name__, replace(small, paint=paint), frozenset(broken))


def _told_by_the_file(profile: Profile, plain: Scene) -> Iterator[Case]:
    rules = profile.required
    if rules.colour_space is not None:
        wide = {"colour_space"} if rules.colour_space == "sRGB" else set()
        yield Case("CMYK", replace(plain, mode="CMYK"), frozenset({"colour_space"}))
        yield Case("another colour space", replace(plain, profile=scenes.foreign_profile()), frozenset(wide))
    if rules.plain_name:
        yield Case("umlauts", replace(plain, name="größe.jpg"), frozenset({"plain_name"}))
    forbidden = {"synthesis"} if profile.synthesis == "forbidden" else set()
    yield Case("generated", replace(plain, source_type="trainedAlgorithmicMedia"), frozenset(forbidden))
    yield Case("photographed", replace(plain, source_type="digitalCapture"))


def _told(profile: Profile, case: Case) -> Case:
    """With what the geometry alone breaks, which is the same arithmetic for every scene."""
    broken = set(case.broken)
    for rules in (profile.required, profile.advised):
        broken |= _broken_sides(rules, case.scene) | _broken_framing(rules, case.scene)
    return replace(case, broken=frozenset(broken))


def _broken_sides(rules: Rules, scene: Scene) -> set[str]:
    width, height = scene.size
    measured = {
        "width": width,
        "height": height,
        "shortest_side": min(width, height),
        "longest_side": max(width, height),
        "megapixels": width * height / 1e6,
    }
    broken = {
        name
        for name, value in measured.items()
        if (bounds := getattr(rules, name)) is not None
        and ((bounds.least is not None and value < bounds.least) or (bounds.most is not None and value > bounds.most))
    }
    if rules.aspect is not None and abs(width / height / (rules.aspect[0] / rules.aspect[1]) - 1) > 0.01:
        broken.add("aspect")
    return broken


def _broken_framing(rules: Rules, scene: Scene) -> set[str]:
    (across, down), (x, y) = scene.box, scene.shift
    shown = [min(1.0, 0.5 + s + b / 2) - max(0.0, 0.5 + s - b / 2) for b, s in ((across, x), (down, y))]
    broken = set()
    if rules.fill_long is not None and not rules.fill_long.holds(max(shown)):
        broken.add("fill_long")
    if rules.fill_area is not None and not rules.fill_area.holds(shown[0] * shown[1]):
        broken.add("fill_area")
    if rules.whole and (abs(x) + across / 2 > 0.5 or abs(y) + down / 2 > 0.5):
        broken.add("whole")
    return broken
