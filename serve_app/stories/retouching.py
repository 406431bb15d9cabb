"""An edit by the retoucher: the masked place painted anew, after a pose, edges or a mask if one is given."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.domain import Control, ControlKind, Refusal, RetouchOrder
from serve_app.catalogue.framing import resized, resized_mask
from serve_app.stories.original import Original

RETOUCH_FAULTS = frozenset({
    "bad_picture", "bad_size", "bad_mask", "bad_prompt", "bad_steps", "bad_strength", "bad_guidance", "bad_control",
    "unknown_control", "no_retoucher",
})  # fmt: skip


@dataclass(frozen=True)
class Retouch:
    """What only the retoucher understands; `control` says what the second picture shows."""

    negative_prompt: str = ""
    guidance: float | None = None
    control: ControlKind | None = None


def retouches(
    asked: Retouch, prompt: str, original: Original, seeds: Sequence[int], size: tuple[int, int]
) -> list[RetouchOrder] | Refusal:
    """An order per seed; `size`: width and height that are drawn."""
    first, *others = original.pictures
    if asked.control is not None and not others:
        return Refusal("bad_control", f"{asked.control!r} needs a second picture that shows it; send one")
    control = None if asked.control is None else Control(resized(others[0], size), asked.control)
    picture, mask = resized(first, size), None if original.mask is None else resized_mask(original.mask, size)
    strength = original.strength or 1.0
    return [
        RetouchOrder(picture, prompt, seed, mask, asked.negative_prompt, strength, asked.guidance, control=control)
        for seed in seeds
    ]
