"""From a picture and its product's mask to the file that a marketplace takes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from models.domain import Mask, Picture
from models.errors import VitrineError
from serve_app.delivery.cutout import Cutout, Placed
from serve_app.delivery.encoding import WRITTEN, Encoded, encoded
from serve_app.delivery.enlarging import Enlarged
from serve_app.delivery.flooding import box_of
from serve_app.delivery.layout import Layout, layout
from serve_app.delivery.profile import Format, Profile, Range

LastTouch = Callable[[Image.Image, Mask], Image.Image]  # of a picture as it is drawn, given its product's mask
WHITE, GREY = 255, 229  # levels of all three channels; GREY: L* 91, in the middle of what counts as light grey


class FinishError(VitrineError):
    """The picture cannot become a file of this profile."""


@dataclass(frozen=True, eq=False)
class Finished:
    """`mask`: the product's in the delivered picture; `steps`: what was done, in order."""

    content: bytes
    format: Format
    size: tuple[int, int]
    mask: Mask
    steps: tuple[str, ...]


def finish(
    picture: Picture | Enlarged,
    mask: Mask,
    profile: Profile,
    form: Format | None = None,
    touch: LastTouch | None = None,
) -> Finished:
    """Cut out, framed, brought to size and encoded by the profile's rules, required ones before advised ones.

    `mask` has the picture's size; `touch` is called for every size that is tried, the delivered one last. Raises
    FinishError without a product, or for a format that is not taken.
    """
    source = picture if isinstance(picture, Enlarged) else Enlarged(picture)
    chosen = _format(profile, form)
    box = box_of(mask.alpha > 127)
    if box is None:
        raise FinishError("the mask shows no product; give one that does")
    cutout, wanted = Cutout.of(source.picture, mask, source.finer), layout(box, source.picture.size, profile)
    ground = GREY if profile.required.background == "light_grey" else WHITE
    shadow = profile.required.background not in ("pure_white", "white")
    limits = profile.required.bytes or Range()

    def untouched(plan: Layout) -> Placed:
        return cutout.placed(plan, ground, shadow)

    def drawn(plan: Layout) -> Placed:
        placed = untouched(plan)
        return placed if touch is None else replace(placed, picture=touch(placed.picture, placed.mask))

    written = encoded(drawn, untouched, wanted, chosen, limits)
    steps = _steps(ground, shadow, written, chosen, source)
    return Finished(written.content, chosen, written.layout.size, written.placed.mask, steps)


def _format(profile: Profile, form: Format | None) -> Format:
    taken = [known for known in WRITTEN if known in profile.required.formats or not profile.required.formats]
    if form is None:
        return taken[0]
    if form not in taken:
        raise FinishError(f"{profile.name} takes {', '.join(taken)} of what is written here, not {form!r}")
    return form


def _steps(ground: int, shadow: bool, written: Encoded, form: Format, source: Enlarged) -> tuple[str, ...]:
    plan: Layout = written.layout
    width, height = plan.size
    steps = [f"product cut out onto {ground}, {ground}, {ground}"]
    steps += ["contact shadow"] if shadow else []
    if plan.scale > 1:
        finer = "" if source.finer is None else f"the upscaler ({source.finer.times} times) and "
        steps.append(f"enlarged {plan.scale:.2f} times by {finer}Lanczos to {width} x {height}")
    else:
        steps.append(f"framed to {width} x {height}")
    steps += [] if source.reason is None else [f"not enlarged by the upscaler: {source.reason}"]
    quality = "" if written.quality is None else f" of quality {written.quality}"
    return (*steps, f"{form}{quality}, sRGB")
