"""What makes an order impossible for a retoucher, said before anything is computed."""

from collections.abc import Collection

import numpy as np

from models.domain import Control, ControlKind, Pixels, Refusal, RetouchOrder
from models.stable_diffusion.numbers import StableDiffusionNumbers


def refusal(
    order: RetouchOrder, numbers: StableDiffusionNumbers, multiple: int, kinds: Collection[ControlKind]
) -> Refusal | None:
    """The first thing that is wrong, if anything; `multiple`: pixels that one latent stands for, a side."""
    return (
        _picture(order.picture.pixels, numbers, multiple)
        or _mask(order.mask, order.picture.size)
        or _figures(order, numbers)
        or (None if order.control is None else _control(order.control, order.picture.size, numbers, kinds))
    )


def _picture(pixels: Pixels, numbers: StableDiffusionNumbers, multiple: int) -> Refusal | None:
    if (shape := _not_rgb(pixels)) is not None:
        return Refusal("bad_picture", f"a picture is uint8 (height, width, 3), not {shape}")
    height, width = pixels.shape[:2]
    if any(side % multiple or not 0 < side <= numbers.largest_side for side in (width, height)):
        allowed = f"multiples of {multiple} up to {numbers.largest_side}"
        return Refusal("bad_size", f"width and height are {allowed}, not {width} x {height}; scale the picture")
    return None


def _mask(mask: Pixels | None, size: tuple[int, int]) -> Refusal | None:
    if mask is None:
        return None
    if mask.dtype != np.uint8 or mask.shape != size[::-1]:
        return Refusal("bad_mask", f"a mask is uint8 {size[::-1]} like its picture, not {mask.dtype} {mask.shape}")
    if not (mask >= 128).any():
        return Refusal("bad_mask", "the mask is below 128 everywhere, so nothing would be painted; mark what changes")
    return None


def _figures(order: RetouchOrder, numbers: StableDiffusionNumbers) -> Refusal | None:
    if not order.prompt.strip():
        return Refusal("bad_prompt", "the prompt is empty; describe what is to be painted")
    steps = numbers.steps if order.steps is None else order.steps
    if not 0 < steps <= numbers.most_steps:
        return Refusal("bad_steps", f"steps are 1 to {numbers.most_steps}, not {steps}")
    if not 0 < order.strength <= 1:
        return Refusal("bad_strength", f"strength is above 0 and at most 1, not {order.strength}")
    if int(steps * order.strength) < 1:
        return Refusal(
            "bad_strength", f"strength {order.strength} of {steps} steps leaves none; at least {1 / steps:.3f} does"
        )
    if order.guidance is not None and not 0 <= order.guidance <= numbers.most_guidance:
        return Refusal("bad_guidance", f"guidance is 0 to {numbers.most_guidance}, not {order.guidance}")
    return None


def _control(
    control: Control, size: tuple[int, int], numbers: StableDiffusionNumbers, kinds: Collection[ControlKind]
) -> Refusal | None:
    if control.kind not in kinds:
        known = ", ".join(sorted(kinds)) or "none"
        return Refusal("unknown_control", f"the retoucher holds no ControlNet for {control.kind!r}; it holds: {known}")
    if (shape := _not_rgb(control.picture.pixels)) is not None:
        return Refusal("bad_control", f"a control picture is uint8 (height, width, 3), not {shape}")
    if control.picture.size != size:
        return Refusal("bad_control", f"a control picture has its picture's size {size}, not {control.picture.size}")
    if not 0 <= control.weight <= numbers.most_control:
        return Refusal("bad_control", f"a control's weight is 0 to {numbers.most_control}, not {control.weight}")
    return None


def _not_rgb(pixels: Pixels) -> str | None:
    right = pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size
    return None if right else f"{pixels.dtype} {pixels.shape}"
